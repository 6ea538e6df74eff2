import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'
import { shownExtensions } from './extensions/find-extensions-here.ts'

export const instanceTabs = ['extensions', 'history', 'facts'] as const

/** State of the instance page in its address. */
export const instanceUrl = {
  tab: choiceParameter(instanceTabs, 'extensions'),
  find: textParameter(),
  show: choiceParameter(shownExtensions, 'all'),
  page: numberParameter(1),
  /** Position of the history page; empty: newest. */
  after: textParameter(),
}
