import { pageOf } from '../protocol/api/page.ts'
import { recoveryCodesSchema, secondFactorSchema, secondFactorSecretSchema } from '../protocol/api/second-factor.ts'
import {
  devicePollResultSchema,
  deviceSignInSchema,
  type PasswordChange,
  type SignIn,
  sessionSchema,
  sessionTokenSchema,
  signInMethodsSchema,
} from '../protocol/api/sessions.ts'
import { endedSessionsSchema, userSessionSchema } from '../protocol/api/user-sessions.ts'
import type { PageQuery } from './pages.ts'
import { pathOf, type Transport } from './transport.ts'

/**
 * Sign-in with name and password. The answer sets a cookie, which only a browser keeps; programs
 * use access keys.
 */
export const createSessionClient = (transport: Transport) => ({
  signIn: (body: SignIn) => transport.request('POST', '/session', sessionSchema, { body }),
  /** For programs: the answer contains the token. */
  signInForToken: (body: SignIn) => transport.request('POST', '/session-tokens', sessionTokenSchema, { body }),
  /** Begins a sign-in at the identity provider, which the user finishes in a browser. */
  beginDevice: () => transport.request('POST', '/session-tokens/device', deviceSignInSchema),
  pollDevice: (handle: string) =>
    transport.request('POST', '/session-tokens/device/poll', devicePollResultSchema, { body: { handle } }),
  get: () => transport.request('GET', '/session', sessionSchema),
  signOut: () => transport.send('DELETE', '/session'),
  /** How users can sign in. */
  methods: () => transport.request('GET', '/session/methods', signInMethodsSchema),
})

export const createUserPasswordsClient = (transport: Transport) => ({
  /** Ends every session of that user except the caller's. */
  set: (userName: string, body: PasswordChange) => transport.send('PUT', pathOf`/users/${userName}/password`, { body }),
})

/** The caller's second factor, and those of users who have lost theirs. */
export const createSecondFactorClient = (transport: Transport) => ({
  get: (userName: string) => transport.request('GET', pathOf`/users/${userName}/second-factor`, secondFactorSchema),
  begin: (password: string) =>
    transport.request('POST', '/second-factor', secondFactorSecretSchema, { body: { password } }),
  enable: (code: string) => transport.request('POST', '/second-factor/enable', recoveryCodesSchema, { body: { code } }),
  disable: (code: string) => transport.send('POST', '/second-factor/disable', { body: { code } }),
  remove: (userName: string) => transport.send('DELETE', pathOf`/users/${userName}/second-factor`),
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
