// What an agent concludes about a script that an earlier agent process was about to start when it
// was killed. "Interrupted" is final: after it, the script must never run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { Engine } from '../invocation/engine.ts'
import { createPlatform } from '../platform/create-platform.ts'
import { openLinuxOutput } from '../platform/linux-output.ts'
import { supervisorScript } from '../platform/linux-supervisor.ts'
import type { JournalledStep } from '../state/journal.ts'
import { findScriptFate } from './script-fate.ts'

const platform = createPlatform()
const step: JournalledStep = {
  id: 'installWanted',
  bootId: platform.bootId,
  mount: '',
  run: { number: 1 },
  result: { status: 'begun' },
}
const engineOf = (changes: Partial<Engine['platform']> = {}): Engine =>
  ({ platform: { ...platform, ...changes }, mount: '' }) as Partial<Engine> as Engine

async function prepare() {
  const directory = mkdtempSync(join(tmpdir(), 'chandler-fate-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  await platform.prepareSupervised(directory, undefined, directory)
  return directory
}

/** A supervisor of a killed agent that comes to its claim only after `release`. Resolves when it is one. */
async function holdSupervisor(directory: string) {
  const notes = openSync(join(directory, 'notes'), 'a')
  const files = [notes, ...openLinuxOutput(directory)]
  const script = `echo ran >> ${directory}/runs; exit 4`
  const started = files.length + 2
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      `echo held >&${started}; exec ${started}>&-; read -r go; ${supervisorScript}`,
      'chandler-supervisor',
      directory,
      '/bin/sh',
      '-c',
      script,
    ],
    { detached: true, stdio: ['pipe', notes, ...files, 'pipe'] },
  )
  for (const file of files) closeSync(file)
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.stdin?.end()
    await ended
  })
  // Bun returns before the process executes the shell, and until then it has the agent's arguments.
  await once(child.stdio[started] as Readable, 'data')
  return {
    async release() {
      child.stdin?.end('\n')
      const [code] = (await ended) as [number]
      return code
    },
  }
}

test('a supervisor that has not made its claim yet runs the script, and the agent waits for it', async () => {
  const directory = await prepare()
  const supervisor = await holdSupervisor(directory)
  expect(findScriptFate(engineOf(), step, directory)).toBe('begun')
  expect(platform.inspectSupervised(directory)).toMatchObject({ state: 'running' })
  expect(await supervisor.release()).toBe(4)
  expect(platform.inspectSupervised(directory)).toEqual({ state: 'ended', end: { kind: 'exit', code: 4 } })
  expect(readFileSync(join(directory, 'runs'), 'utf8')).toBe('ran\n')
  expect(readFileSync(join(directory, 'notes'), 'utf8')).toBe('')
})

test('a supervisor that makes its claim between two looks of the agent has begun', async () => {
  const directory = await prepare()
  appendFileSync(join(directory, 'notes'), '')
  const inspectSupervised: typeof platform.inspectSupervised = (of) => {
    const found = platform.inspectSupervised(of)
    writeFileSync(join(directory, 'claim'), '999999999\n')
    return found
  }
  expect(findScriptFate(engineOf({ inspectSupervised }), step, directory)).toBe('begun')
})

test('a fork of the killed agent that becomes a supervisor only now does not run the script', async () => {
  const directory = await prepare()
  const supervisor = await holdSupervisor(directory)
  // A fork has the arguments of the agent until it executes the shell.
  const restoreClaim = () => false
  expect(findScriptFate(engineOf({ restoreClaim }), step, directory)).toBe('unknown')
  expect(await supervisor.release()).toBe(125)
  expect(existsSync(join(directory, 'runs'))).toBe(false)
  // An agent that is killed before it journals the outcome finds the same one.
  expect(findScriptFate(engineOf(), step, directory)).toBe('begun')
  expect(platform.inspectSupervised(directory)).toEqual({ state: 'gone' })
})

test('a script that no process was started for is started again', async () => {
  const directory = await prepare()
  expect(findScriptFate(engineOf(), step, directory)).toBe('never')
  expect(findScriptFate(engineOf(), step, directory)).toBe('never')
})
