import { lazy, Suspense } from 'react'
import { ConsoleDataProvider } from '../data/console-data.tsx'
import { loadPart } from '../data/load-part.ts'
import { LanguageProvider } from '../i18n/language.tsx'
import { AppShell } from './app-shell.tsx'
import { FlashesProvider } from './flashes.tsx'
import { PageLoading } from './page-loading.tsx'
import { Pages } from './pages.tsx'
import { ProblemAlert } from './problem-alert.tsx'
import { SessionProvider, useSessionControl } from './session.tsx'

const SignInPage = lazy(() =>
  loadPart(async () => ({ default: (await import('../page/sign-in/sign-in-page.tsx')).SignInPage })),
)

export function App() {
  return (
    <LanguageProvider>
      <SignedInOrNot />
    </LanguageProvider>
  )
}

function SignedInOrNot() {
  const { state, reload, signedIn, ended, signOut } = useSessionControl()
  switch (state.kind) {
    case 'loading':
      return <PageLoading />
    case 'unreachable':
      return <ProblemAlert error={state.error} onRetry={reload} />
    case 'signed-out':
      return (
        <Suspense fallback={<PageLoading />}>
          <SignInPage hasEnded={state.reason === 'ended'} onSignedIn={signedIn} />
        </Suspense>
      )
    case 'signed-in':
      return (
        <SessionProvider session={state.session} signOut={signOut}>
          <ConsoleDataProvider onSignedOut={ended} key={state.session.userName}>
            <FlashesProvider>
              <AppShell>
                <Pages />
              </AppShell>
            </FlashesProvider>
          </ConsoleDataProvider>
        </SessionProvider>
      )
  }
}
