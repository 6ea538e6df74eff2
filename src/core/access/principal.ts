/** Whom policies are attached to: a user signs in with access keys; a role is what an instance has. */
export const principalKinds = ['user', 'role'] as const
export type PrincipalKind = (typeof principalKinds)[number]

/** The user that every account has from the beginning: may do everything, always. No policy binds it, so that no policy locks everyone out. */
export const administratorName = 'admin'
