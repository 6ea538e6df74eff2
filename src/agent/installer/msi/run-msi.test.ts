import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createManualClock } from '../../../lib/manual-clock.ts'
import type { MsiProduct } from '../../../lib/package-file/read-msi.ts'
import type { MsiRequest } from './msi-request.ts'
import { decodeMsiLog, runMsi } from './run-msi.ts'

const one: MsiProduct = { code: '{00000000-0000-0000-0000-000000000001}', name: 'Demo tool', version: '1.0.0' }
const two: MsiProduct = { code: '{00000000-0000-0000-0000-000000000002}', name: 'Demo tool', version: '2.0.0' }

interface Scripted {
  /** Exit codes of msiexec, in turn; the last one repeats. */
  readonly codes: readonly number[]
  /** What the machine has; msiexec that succeeds changes it. */
  readonly installed?: readonly MsiProduct[]
  readonly log?: string | Buffer
  /** A major upgrade: the new version removes the old one. */
  readonly removesOld?: boolean
}

/** Runs a request against a scripted msiexec. */
async function perform(details: Partial<MsiRequest>, { codes, installed = [], log, removesOld }: Scripted) {
  const folder = mkdtempSync(join(tmpdir(), 'chandler-msi-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const products = new Map([one, two].map((product) => [product.code, product]))
  const machine = new Map(installed.map(({ code, version }) => [code, version]))
  const calls: string[] = []
  const lines: string[] = []
  const clock = createManualClock()
  const request: MsiRequest = {
    action: 'install',
    packagePath: 'two.msi',
    packageFile: 'demo-2.msi',
    properties: {},
    results: folder,
    log: join(folder, 'msi.log'),
    ...details,
  }
  const running = runMsi(request, {
    msiexec: (args) => {
      calls.push(args)
      if (log !== undefined) writeFileSync(request.log, log)
      const code = codes[Math.min(calls.length, codes.length) - 1] ?? 0
      if ([0, 1641, 3010].includes(code)) {
        const [, removed] = /^\/x (\S+)/.exec(args) ?? []
        if (removed !== undefined) machine.delete(removed)
        else {
          if (removesOld) machine.clear()
          machine.set(two.code, two.version)
        }
      }
      return Promise.resolve(code)
    },
    findVersion: (code) => Promise.resolve(machine.get(code)),
    readProduct: (path) => Promise.resolve(path === 'one.msi' ? one : two),
    clock,
    print: (line) => lines.push(line),
    printError: (line) => lines.push(`! ${line}`),
  })
  let isOver = false
  const ended = running.finally(() => (isOver = true))
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve))
    if (!isOver) await clock.advance(5_000)
  }
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim() : undefined
  return { code: await ended, calls, lines, read, products }
}

const entry = ({ code, version }: MsiProduct) => `ii ${code} ${version}`

test('an installation records target, state before and state after', async () => {
  const { code, calls, read } = await perform({ properties: { PORT: '80' } }, { codes: [0] })
  expect(code).toBe(0)
  expect(calls).toEqual([expect.stringMatching(/^\/i "two\.msi" \/qn \/norestart \/l\*v "[^"]*" PORT="80"$/)])
  expect([read('before'), read('target'), read('after')]).toEqual(['', `${two.code} 2.0.0`, entry(two)])
  expect(read('acting')).toBe('')
})

test.each([3010, 1641])('exit code %d asks for a reboot', async (exitCode) => {
  const { code, lines, read } = await perform({}, { codes: [exitCode] })
  expect(code).toBe(3010)
  expect(lines).toEqual(['Windows Installer succeeded, and the machine has to be rebooted'])
  expect(read('after')).toBe(entry(two))
})

test('another installation is awaited', async () => {
  const { code, calls, lines } = await perform({}, { codes: [1618, 1618, 1618, 0] })
  expect(code).toBe(0)
  expect(calls).toHaveLength(4)
  expect(lines).toEqual(['waiting for another installation, which is in progress'])
})

test('another installation that does not end within ten minutes', async () => {
  const { code, calls, lines } = await perform({}, { codes: [1618] })
  expect(code).toBe(1618)
  expect(calls).toHaveLength(121)
  expect(lines.at(-1)).toBe(
    '! Windows Installer ended with 1618: another installation has been in progress for 10 minutes; try again when it has ended',
  )
})

test('a failure names meaning and cause, from a log in UTF-16', async () => {
  const text =
    'A newer version of Demo is already installed.\r\nAction ended 1:00: LaunchConditions. Return value 3.\r\n'
  const log = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
  const { code, lines, read } = await perform({}, { codes: [1603], installed: [one], log })
  expect(code).toBe(1603)
  expect(lines).toEqual([
    '! Windows Installer ended with 1603: a fatal error occurred during the installation. A newer version of Demo is already installed.',
  ])
  expect(read('after')).toBe('')
})

test('the product that is there is written again', async () => {
  const { calls } = await perform({}, { codes: [0], installed: [two] })
  expect(calls).toEqual([expect.stringContaining(' REINSTALL=ALL REINSTALLMODE=vomus')])
})

test('a version that the new one does not remove itself is removed', async () => {
  const { calls, lines, read } = await perform({ replaces: 'one.msi' }, { codes: [0], installed: [one] })
  expect(calls.map((args) => args.slice(0, 41))).toEqual([expect.stringMatching(/^\/i/), `/x ${one.code}`])
  expect(lines).toEqual(['removing Demo tool 1.0.0, which Demo tool 2.0.0 replaces'])
  expect([read('before'), read('after')]).toEqual([entry(one), entry(two)])
})

test('a major upgrade removes it', async () => {
  const { calls } = await perform({ replaces: 'one.msi' }, { codes: [0], installed: [one], removesOld: true })
  expect(calls).toHaveLength(1)
})

test('a removal names the product', async () => {
  const { code, calls, read } = await perform({ action: 'uninstall' }, { codes: [0], installed: [two] })
  expect(code).toBe(0)
  expect(calls).toEqual([expect.stringContaining(`/x ${two.code} /qn /norestart`)])
  expect([read('target'), read('before'), read('after')]).toEqual([two.code, entry(two), ''])
})

test('a product that is not installed needs no removal', async () => {
  const { code, calls, lines } = await perform({ action: 'uninstall' }, { codes: [1603] })
  expect([code, calls, lines]).toEqual([0, [], ['Demo tool is not installed']])
  const raced = await perform({ action: 'uninstall' }, { codes: [1605], installed: [two] })
  expect([raced.code, raced.lines]).toEqual([0, ['the product is not installed']])
})

test('what was there before an interrupted installation is not removed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chandler-msi-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const before = join(folder, 'before')
  writeFileSync(before, `${entry(two)}\n`)
  const { code, calls, read } = await perform({ action: 'uninstall', before }, { codes: [0], installed: [two] })
  expect([code, calls, read('refused')]).toEqual([1, [], 'present Demo-tool'])
})

test('without the package its product code is unknown', async () => {
  const { code, lines } = await perform({ action: 'uninstall', packagePath: undefined }, { codes: [0] })
  expect(code).toBe(1)
  expect(lines).toEqual([expect.stringContaining('demo-2.msi is no longer stored on the instance')])
})

test('logs in UTF-8 are read, too', () => {
  expect(decodeMsiLog(Buffer.from('ünï'))).toBe('ünï')
})
