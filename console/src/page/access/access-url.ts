import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'

export const accessTabs = ['users', 'sessions', 'keys', 'tokens', 'roles', 'policies', 'audit'] as const
export type AccessTab = (typeof accessTabs)[number]

/** Everything that the page of access keeps in its address. */
export const accessUrl = {
  tab: choiceParameter(accessTabs, 'users'),
  find: textParameter(),
  page: numberParameter(1),
  /** A column, with `-` from the last to the first. */
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
  /** Where the page of the audit log begins. */
  after: textParameter(),
}
