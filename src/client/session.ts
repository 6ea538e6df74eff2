import { type PasswordChange, type SignIn, sessionSchema } from '../protocol/api/sessions.ts'
import { pathOf, type Transport } from './transport.ts'

/** Signing in with name and password. The answer sets a cookie, which only a browser keeps; programs use access keys. */
export const createSessionClient = (transport: Transport) => ({
  signIn: (body: SignIn) => transport.request('POST', '/session', sessionSchema, { body }),
  get: () => transport.request('GET', '/session', sessionSchema),
  signOut: () => transport.send('DELETE', '/session'),
})

export const createUserPasswordsClient = (transport: Transport) => ({
  /** Ends every session of that user but the one that asks. */
  set: (userName: string, body: PasswordChange) => transport.send('PUT', pathOf`/users/${userName}/password`, { body }),
})
