/** A validated identity of an identity provider. */
export interface SsoIdentity {
  readonly issuer: string
  readonly subject: string
  /** The claim that names the user; undefined: the provider did not send it. */
  readonly name: string | undefined
  readonly groups: readonly string[]
}

/** A group of the identity provider, and the role that it gives its members. */
export interface GroupRole {
  readonly group: string
  readonly role: string
}

/** The roles of a user's groups, sorted; groups without a role give nothing. */
export const findRolesOfGroups = (mapping: readonly GroupRole[], groups: readonly string[]): readonly string[] =>
  [...new Set(mapping.filter(({ group }) => groups.includes(group)).map(({ role }) => role))].toSorted()

/** The groups in a claim: a list of texts, or one text. Anything else gives none. */
export const readGroupsClaim = (claim: unknown): readonly string[] =>
  (Array.isArray(claim) ? claim : [claim]).filter((one): one is string => typeof one === 'string' && one !== '')

/** As the names of other users, and with `@`, because many providers name users by e-mail address. */
export const isSsoUserName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name)
