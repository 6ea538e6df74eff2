import { pageOf } from '../protocol/api/page.ts'
import { type PasswordChange, type SignIn, sessionSchema, signInMethodsSchema } from '../protocol/api/sessions.ts'
import { endedSessionsSchema, userSessionSchema } from '../protocol/api/user-sessions.ts'
import type { PageQuery } from './pages.ts'
import { pathOf, type Transport } from './transport.ts'

/**
 * Sign-in with name and password. The answer sets a cookie, which only a browser keeps; programs
 * use access keys.
 */
export const createSessionClient = (transport: Transport) => ({
  signIn: (body: SignIn) => transport.request('POST', '/session', sessionSchema, { body }),
  get: () => transport.request('GET', '/session', sessionSchema),
  signOut: () => transport.send('DELETE', '/session'),
  /** How users can sign in. */
  methods: () => transport.request('GET', '/session/methods', signInMethodsSchema),
})

export const createUserPasswordsClient = (transport: Transport) => ({
  /** Ends every session of that user except the caller's. */
  set: (userName: string, body: PasswordChange) => transport.send('PUT', pathOf`/users/${userName}/password`, { body }),
})

const userSessionPage = pageOf(userSessionSchema)

/** Sessions of console users. */
export const createUserSessionsClient = (transport: Transport) => ({
  /** Without a user: the sessions of all users. */
  list: (query: PageQuery & { readonly user?: string | undefined } = {}) =>
    transport.request('GET', '/sessions', userSessionPage, { query: { ...query } }),
  end: (id: string) => transport.send('DELETE', pathOf`/sessions/${id}`),
  /** All sessions except the caller's. */
  endAll: (user: string) => transport.request('DELETE', '/sessions', endedSessionsSchema, { query: { user } }),
})
