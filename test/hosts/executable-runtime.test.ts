// The unit tests of what the agent consists of, on the runtime of the executable: it runs tests that are written for
// Vitest.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installCompiler } from '../../scripts/release/compile-agent.ts'
import { projectRoot } from '../rules/project-files.ts'

/** Tests that use a part of Vitest which the runtime's own runner does not have. */
const notRunnable = {
  'the cloud delays nothing: its facts are announced when it answers': 'expect.poll',
  'stops during a delay and during a request': 'expect.poll',
  'on a full disk the lock needs no space, and works like any other': 'skip of the context',
  'on a fresh machine: enrol, then switch, then start the service': 'toMatchObject keeps what it compares',
  'over another version: keep the identity, stop the service first, keep the replaced version only':
    'toMatchObject keeps what it compares',
  'the same version again removes every other one and needs neither token nor server':
    'toMatchObject keeps what it compares',
}
const folders = ['src/agent', 'src/core', 'src/lib', 'src/protocol']

let folder: string
let runtime: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-runtime-'))
  runtime = installCompiler(folder, process.arch === 'arm64' ? 'arm64' : 'x64')
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('they pass', async () => {
  const others = Object.keys(notRunnable).map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const args = [
    'test',
    '--timeout',
    '240000',
    '--test-name-pattern',
    `^(?!.*(?:${others.join('|')})$)`,
    ...folders.map((one) => `./${one}`),
  ]
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(
      runtime,
      args,
      { cwd: projectRoot, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NO_COLOR: '1' } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: `${stdout}${stderr}` }),
    )
  })
  const failed = output.split('\n').filter((line) => line.startsWith('(fail)'))
  expect(failed).toEqual([])
  expect(code, output.slice(-2_000)).toBe(0)
  expect(Number(/^ (\d+) pass$/m.exec(output)?.[1])).toBeGreaterThan(2_900)
}, 600_000)
