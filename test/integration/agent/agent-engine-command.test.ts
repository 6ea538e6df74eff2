// Commands with real scripts and processes: they install nothing, and their output is their result.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import { type InstallationDetails, isRoot, makeFolder, makeInstall, TestEngine } from './agent-engine.ts'

const run = (script: string, details: InstallationDetails = {}, more: Partial<InvocationMessage> = {}) =>
  makeInstall(
    { ...details, scripts: { install: script } },
    { action: 'run', extensionId: 'command-exec-1', extensionName: '', ...more },
  )

test('a command runs with its values; its output is the result, and nothing is recorded as installed', async () => {
  const engine = await TestEngine.start()
  const script = 'echo "$CHANDLER_ACTION $CHANDLER_PARAM_name [$CHANDLER_EXTENSION$CHANDLER_VERSION]"'
  const end = await engine.carryOut(run(script, { parameters: { name: 'a b' } }))
  expect(end.outcome).toEqual({
    state: 'succeeded',
    reasonCode: 'Succeeded',
    reason: 'The command succeeded.',
    reasonMessages: [{ code: 'CommandSucceeded', arguments: {} }],
    exitCode: 0,
    output: 'run a b []\n',
  })
  const files = await readdir(engine.directory, { recursive: true })
  expect(files.filter((name) => name.includes('command-exec-1'))).toEqual([])
})

test('a failed command reports its exit and its output so far', async () => {
  const engine = await TestEngine.start()
  const end = await engine.carryOut(run('echo half; echo "no such thing" >&2; exit 3'))
  expect(end.outcome).toEqual({
    state: 'failed',
    reasonCode: 'ScriptFailed',
    reason: 'The command failed with exit code 3. It said: no such thing.',
    reasonMessages: [
      { code: 'ScriptExited', arguments: { script: 'command', version: 0, exitCode: 3, meaning: 'none' } },
      { code: 'ScriptSaid', arguments: { text: 'no such thing' } },
    ],
    exitCode: 3,
    output: 'half\n',
  })
})

test('a command that times out is ended with its process tree, and keeps its output', async () => {
  const engine = await TestEngine.start()
  const end = await engine.carryOut(run('echo begun; sleep 600 & wait', { run: { timeoutMs: 1_000 } }))
  expect(end.outcome).toMatchObject({ state: 'timedOut', reasonCode: 'ScriptTimedOut', output: 'begun\n' })
  expect(end.outcome.installed).toBeUndefined()
})

test('a command may use another interpreter, which must exist', async () => {
  const engine = await TestEngine.start()
  const end = await engine.carryOut(run('#!/usr/bin/env no-such-thing\n1'))
  expect(end.outcome).toMatchObject({
    reasonCode: 'InterpreterMissing',
    reason: expect.stringContaining('The command needs'),
  })
})

test('a command runs in the requested directory and as the requested user', async ({ skip }) => {
  skip(!isRoot, 'only root may run a script as another user')
  const engine = await TestEngine.start()
  const folder = await makeFolder()
  const end = await engine.carryOut(run('pwd; id -un', { run: { workDir: folder } }))
  expect(end.outcome.output).toBe(`${folder}\nroot\n`)
  const away = await engine.carryOut(run('true', { run: { workDir: join(folder, 'nowhere') } }))
  expect(away.outcome).toMatchObject({ state: 'failed', reasonCode: 'NotPermitted' })
})

test('two commands of one instance run at the same time', async () => {
  const engine = await TestEngine.start()
  const folder = await makeFolder()
  const meet = (own: string, other: string) =>
    `touch ${folder}/${own}; while [ ! -e ${folder}/${other} ]; do sleep 0.05; done; echo met`
  const ends = await Promise.all([
    engine.carryOut(run(meet('a', 'b'), { run: { timeoutMs: 60_000 } }, { extensionId: 'command-exec-a' })),
    engine.carryOut(run(meet('b', 'a'), { run: { timeoutMs: 60_000 } }, { extensionId: 'command-exec-b' })),
  ])
  expect(ends.map(({ outcome }) => outcome.output)).toEqual(['met\n', 'met\n'])
})
