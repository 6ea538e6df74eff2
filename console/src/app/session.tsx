import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react'
import { type Client, createClient } from '../../../src/client/client.ts'
import { ClientError } from '../../../src/client/client-error.ts'
import type { SessionView } from '../../../src/protocol/api/sessions.ts'

export type SessionState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'signed-out'; readonly reason: 'none' | 'ended' }
  | { readonly kind: 'unreachable'; readonly error: ClientError }
  | { readonly kind: 'signed-in'; readonly session: SessionView }

interface SessionContext {
  readonly session: SessionView
  readonly signOut: () => Promise<void>
}

const Context = createContext<SessionContext | undefined>(undefined)

const createSessionlessClient = (): Client => createClient({ server: location.origin, session: true })

export interface SessionControl {
  readonly state: SessionState
  readonly reload: () => void
  readonly signedIn: (session: SessionView) => void
  /** The server no longer accepts the session. */
  readonly ended: () => void
  readonly signOut: () => Promise<void>
}

/** The signed-in user, fetched once when the console opens. */
export function useSessionControl(): SessionControl {
  const [state, setState] = useState<SessionState>({ kind: 'loading' })
  const reload = useCallback(() => {
    createSessionlessClient()
      .session.get()
      .then(
        (session) => setState({ kind: 'signed-in', session }),
        (error: unknown) => {
          if (!(error instanceof ClientError)) throw error
          setState(error.status === 401 ? { kind: 'signed-out', reason: 'none' } : { kind: 'unreachable', error })
        },
      )
  }, [])
  useEffect(reload, [reload])
  const isSignedOut = state.kind === 'signed-out'
  useEffect(() => {
    if (!isSignedOut) return
    // The user may have signed in in another tab. Otherwise the form stays as it is.
    const look = () => {
      if (document.visibilityState !== 'visible') return
      createSessionlessClient()
        .session.get()
        .then(
          (session) => setState({ kind: 'signed-in', session }),
          (error: unknown) => {
            if (!(error instanceof ClientError)) throw error
          },
        )
    }
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [isSignedOut])
  return useMemo(
    () => ({
      state,
      reload,
      signedIn: (session) => setState({ kind: 'signed-in', session }),
      ended: () => setState({ kind: 'signed-out', reason: 'ended' }),
      async signOut() {
        await createSessionlessClient().session.signOut()
        // Otherwise the next sign-in would need no password.
        if (state.kind === 'signed-in' && state.session.sso) return location.assign('/api/v1/session/sso/sign-out')
        setState({ kind: 'signed-out', reason: 'none' })
      },
    }),
    [state, reload],
  )
}

export function SessionProvider({ session, signOut, children }: SessionContext & { readonly children: ReactNode }) {
  const value = useMemo(() => ({ session, signOut }), [session, signOut])
  return <Context value={value}>{children}</Context>
}

export function useSession(): SessionContext {
  const context = use(Context)
  if (!context) throw new Error('useSession outside of SessionProvider')
  return context
}
