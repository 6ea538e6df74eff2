import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'

export const extensionsTabs = ['custom', 'public'] as const

/** What the list of extensions keeps in its address. */
export const extensionsUrl = {
  tab: choiceParameter(extensionsTabs, 'custom'),
  find: textParameter(),
  /** A column, with `-` from the last to the first. */
  sort: textParameter('name'),
  page: numberParameter(1),
}
