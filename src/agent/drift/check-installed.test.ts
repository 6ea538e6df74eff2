import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import type { InstalledRecord } from '../../protocol/agent-records.ts'
import type { TrustState } from '../trust/code-trust.ts'
import { checkInstalled } from './check-installed.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-drift-'))
})
afterEach(() => rm(folder, { recursive: true }))

const signal = new AbortController().signal
const states = {
  off: { kind: 'off' },
  required: { kind: 'required', file: {} },
  unusable: { kind: 'unusable', refusal: { code: 'TrustFileMissing', arguments: { path: '' } } },
} as unknown as Record<TrustState['kind'], TrustState>

function look(
  trust: TrustState['kind'],
  { checked, verify, artifact }: { checked?: boolean; verify?: object[]; artifact?: object },
) {
  const engine = {
    trust: { read: () => states[trust] },
    artifacts: { find: async () => undefined },
    platform: {},
    clock: createManualClock(0),
    log: silentLogger,
  } as unknown as Parameters<typeof checkInstalled>[0]
  const record = {
    extensionName: 'demo',
    checked,
    installation: {
      configuration: {
        scripts: {},
        artifact,
        verify: verify ?? [{ kind: 'file', path: join(folder, 'demo.conf'), withinMs: 0 }],
      },
    },
  } as unknown as InstalledRecord
  return checkInstalled(engine, record, signal)
}

test('a check that no longer holds is drift, with what was found', async () => {
  await writeFile(join(folder, 'demo.conf'), '')
  expect(await look('off', {})).toEqual({ kind: 'holds' })
  await rm(join(folder, 'demo.conf'))
  expect(await look('off', {})).toMatchObject({ kind: 'drifted', reason: [expect.anything()] })
})

test.each([
  ['off', false, 'drifted'],
  ['off', true, 'drifted'],
  ['required', false, 'unknown'],
  ['required', true, 'drifted'],
  ['unusable', false, 'unknown'],
  ['unusable', true, 'unknown'],
] as const)('with trust %s and signed content %s it is %s', async (trust, checked, kind) => {
  expect((await look(trust, { checked })).kind).toBe(kind)
})

test('without anything to compare with, nothing can be said', async () => {
  expect(await look('off', { verify: [] })).toEqual({ kind: 'unknown' })
  expect(await look('off', { verify: [{ kind: 'script', script: 'exit 1', withinMs: 0 }] })).toEqual({
    kind: 'unknown',
  })
  // The package is no longer stored here.
  expect(await look('off', { verify: [], artifact: { kind: 'deb' } })).toEqual({ kind: 'unknown' })
})
