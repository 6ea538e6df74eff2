import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'
import { shownExtensions } from './extensions/find-extensions-here.ts'

export const instanceTabs = ['extensions', 'history', 'facts'] as const

/** What of the page of one instance stands in the address. */
export const instanceUrl = {
  tab: choiceParameter(instanceTabs, 'extensions'),
  find: textParameter(),
  show: choiceParameter(shownExtensions, 'all'),
  page: numberParameter(1),
  /** Where the shown part of the history begins; empty: with the newest. */
  after: textParameter(),
}
