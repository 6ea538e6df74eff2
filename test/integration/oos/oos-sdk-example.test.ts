/**
 * examples/oos-sdk as a user runs it: the official SDK, and a script that only sets another
 * endpoint.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { InstanceId } from '../../../src/core/id.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

const script = fileURLToPath(new URL('../../../examples/oos-sdk/install.mjs', import.meta.url))

let oos: OosPlane
let env: Record<string, string>
let ids: InstanceId[]

beforeAll(async () => {
  oos = await startOosPlane()
  const key = await oos.makeKey()
  env = {
    OOS_ENDPOINT: oos.url,
    ALIBABA_CLOUD_ACCESS_KEY_ID: key.id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.secret,
  }
  ids = (await oos.plane.enrol(2)).toSorted()
})
afterAll(() => oos.stop())

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const run = (args: readonly string[], extra: Readonly<Record<string, string>> = {}) =>
  new Promise<Ran>((resolve) => {
    execFile(process.execPath, [script, ...args], { env: { ...env, ...extra } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })

async function runWell(): Promise<string[]> {
  const ran = run(ids)
  await oos.plane.end(await oos.plane.takeWork(ids, 2))
  const { code, stdout, stderr } = await ran
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trimEnd().split('\n')
}

test('creates an extension, installs it, and prints the result of each instance; repeated, it is the next version', async () => {
  const [created, ...lines] = await runWell()
  expect(created).toBe('oos-sdk-hello v1')
  expect(lines.slice(0, 2).toSorted()).toEqual(ids.map((id) => `${id} Success Installed.`))
  expect(lines.slice(2)).toEqual([...ids.map((id) => `${id} has oos-sdk-hello v1`), 'Success'])
  expect((await runWell())[0]).toBe('oos-sdk-hello v2')
})

test('exits with 1 when an instance fails, and with a message when the key is wrong', async () => {
  const ran = run(ids)
  await oos.plane.end(await oos.plane.takeWork(ids, 2), 'failed')
  const { code, stdout } = await ran
  expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([1, 'Failed'])
  const refused = await run(ids, { ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'wrong' })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('SignatureDoesNotMatch')
  expect((await run([])).code).toBe(2)
})
