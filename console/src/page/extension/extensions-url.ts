import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'

export const extensionsTabs = ['custom', 'public'] as const

/** State of the extensions list in its address. */
export const extensionsUrl = {
  tab: choiceParameter(extensionsTabs, 'custom'),
  find: textParameter(),
  /** Column name, prefixed with `-` for descending order. */
  sort: textParameter('name'),
  page: numberParameter(1),
}
