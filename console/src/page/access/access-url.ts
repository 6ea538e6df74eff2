import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'

export const accessTabs = ['users', 'sessions', 'keys', 'tokens', 'roles', 'policies', 'audit'] as const
export type AccessTab = (typeof accessTabs)[number]

/** State of the access page in its address. */
export const accessUrl = {
  tab: choiceParameter(accessTabs, 'users'),
  find: textParameter(),
  page: numberParameter(1),
  /** Column name, prefixed with `-` for descending order. */
  sort: textParameter(),
  selected: textParameter(),
  /** The policy whose document is open. */
  policy: textParameter(),
  actor: textParameter(),
  action: textParameter(),
  resource: textParameter(),
  source: textParameter(),
  accessKeyId: textParameter(),
  last: textParameter(),
  from: textParameter(),
  to: textParameter(),
  /** Position of the current audit log page. */
  after: textParameter(),
}
