import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

const run = promisify(execFile)
/** The headless shell comes first: the tests of a page take about a tenth less processor time in it. */
const installed = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const playwright = fileURLToPath(new URL('../../node_modules/playwright-core/cli.js', import.meta.url))

const findInstalled = () =>
  [process.env['CHROMIUM_PATH'], ...installed, chromium.executablePath()].find((path) => path && existsSync(path))

/**
 * The Chromium or Chrome for the tests: CHROMIUM_PATH, otherwise an installed one, otherwise one
 * that this function installs (Debian's package as root, or Playwright's).
 * @throws if none is available, listing the attempts
 */
export async function findBrowser(): Promise<string> {
  const found = findInstalled()
  if (found) return found
  const failures: string[] = []
  for (const [program, ...args] of waysToInstall()) {
    try {
      await run(program as string, args, {
        timeout: 500_000,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        maxBuffer: 64 * 1024 * 1024,
      })
    } catch (error) {
      failures.push(`${[program, ...args].join(' ')}: ${(error as Error).message.split('\n')[0]}`)
    }
    const now = findInstalled()
    if (now) return now
  }
  throw new Error(
    `There is no Chromium for the tests of the console. Install Chromium or Chrome, or name one in CHROMIUM_PATH. Tried: ${failures.join('; ')}`,
  )
}

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
/** Several test files may need it at once: one installs, the others wait. */
const install = 'apt-get install -y -qq --no-install-recommends'
const installOnce = `command -v chromium-headless-shell || command -v chromium || { apt-get update -qq && { ${install} chromium-headless-shell || ${install} chromium; }; }`

function waysToInstall(): readonly (readonly string[])[] {
  const ownBrowser = [process.execPath, playwright, 'install', 'chromium']
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return [ownBrowser]
  return [['/usr/bin/flock', modules, '/bin/sh', '-c', installOnce], ownBrowser]
}
