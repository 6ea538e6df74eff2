import type { Cookie, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/**
 * Pages for the next tests. To load the console takes about a second of a processor; to sign out and in again in a page that
 * has loaded it, a tenth. Signing out ends everything that the console keeps in memory, except for language and appearance.
 */
export interface PagePool {
  /** A page of this kind that shows the path; it returns to the pool with the test. Undefined if there is none. */
  take(kind: string, path: string): Promise<Page | undefined>
  /** Signs the console out and keeps the page, or closes it if a test changed what would stay. */
  put(kind: string, page: Page): Promise<void>
  close(): Promise<void>
}

interface Kept {
  readonly page: Page
  /** The session, which ended only for the page. */
  readonly cookies: readonly Cookie[]
}

export function createPagePool(): PagePool {
  const kept = new Map<string, Kept[]>()
  const pool: PagePool = {
    async take(kind, path) {
      const found = kept.get(kind)?.pop()
      if (!found) return undefined
      const { page, cookies } = found
      await page.context().addCookies([...cookies])
      // A test may have ended the session.
      if (!(await page.request.get('/api/v1/session')).ok()) {
        await page.context().close()
        return undefined
      }
      onTestFinished(() => pool.put(kind, page))
      await page.evaluate(
        `localStorage.clear(); sessionStorage.clear(); history.replaceState(null, '', ${JSON.stringify(path)}); ${lookAgain}`,
      )
      await signInForm(page).waitFor({ state: 'detached' })
      return page
    },
    async put(kind, page) {
      const context = page.context()
      const cookies = await context.cookies()
      const isReusable =
        !page.isClosed() && context.pages().length === 1 && cookies.length > 0 && (await endConsole(page))
      if (isReusable) kept.set(kind, [...(kept.get(kind) ?? []), { page, cookies }])
      else await context.close()
    },
    async close() {
      for (const { page } of [...kept.values()].flat()) await page.context().close()
      kept.clear()
    },
  }
  return pool
}

/** The console asks for its data and its session when the page becomes visible. */
const lookAgain = "document.dispatchEvent(new Event('visibilitychange'))"
const signInForm = (page: Page) => page.locator('input[type=password][autocomplete=current-password]')

/** @returns whether the console is signed out and the page as after its start */
async function endConsole(page: Page): Promise<boolean> {
  await page.unrouteAll()
  await page.context().clearCookies()
  if (
    await page.evaluate("['language', 'appearance'].some((name) => localStorage.getItem(`chandler.${name}`) !== null)")
  )
    return false
  await page.evaluate(lookAgain)
  return signInForm(page)
    .waitFor({ timeout: 5_000 })
    .then(
      () => true,
      () => false,
    )
}
