/**
 * The kinds of principals that policies are attached to: a user signs in with access keys, and an
 * instance has a role.
 */
export const principalKinds = ['user', 'role'] as const
export type PrincipalKind = (typeof principalKinds)[number]

/**
 * A user that exists in every account and always has full access. No policy restricts it, so that
 * no policy can lock everyone out.
 */
export const administratorName = 'admin'
