import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { useTexts } from '../i18n/language.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Page } from './page.tsx'
import { PageLoading } from './page-loading.tsx'
import { pageRoutes } from './routes.ts'

/** The page for the current address. */
export function Pages() {
  const [path] = useLocation()
  return (
    <ErrorBoundary resetKey={path} fallback={<BrokenPage />}>
      <Suspense fallback={<PageLoading />}>
        <Switch>
          {pageRoutes.map(({ path: pattern, page: PageComponent }) => (
            <Route key={pattern} path={pattern}>
              {(params) => <PageComponent params={params} />}
            </Route>
          ))}
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  )
}

function NotFoundPage() {
  const { shell } = useTexts()
  const [path] = useLocation()
  return (
    <Page title={shell.notFound.title}>
      <SpaceBetween size="m">
        <Box>{shell.notFound.detail(path)}</Box>
        <Button href="/">{shell.notFound.back}</Button>
      </SpaceBetween>
    </Page>
  )
}

function BrokenPage() {
  const { shell } = useTexts()
  return (
    <Page title={shell.broken.title}>
      <SpaceBetween size="m">
        <Box>{shell.broken.detail}</Box>
        <Button onClick={() => location.reload()}>{shell.broken.again}</Button>
      </SpaceBetween>
    </Page>
  )
}
