// Memory that lives as long as a server or an agent must not grow with its work: each subject
// repeats one action many times, in its own process, and measures the heap after collections. The
// test detects a leak of one small object per round.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startTestDatabase } from '../integration/database/postgres.ts'

/**
 * The lowest growth of up to three runs, in bytes per round. On a busy machine one run may hold
 * buffers that are still being sent; a leak is in every run.
 */
async function measure(subject: keyof typeof noise, argument = async () => ''): Promise<number> {
  const child = fileURLToPath(new URL(`${children[subject]}-child.ts`, import.meta.url))
  let lowest = Number.POSITIVE_INFINITY
  for (let run = 0; run < 3 && lowest >= noise[subject]; run++) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, await argument()])
    lowest = Math.min(lowest, (JSON.parse(stdout) as { bytesPerRound: number }).bytesPerRound)
  }
  return lowest
}

async function makeDatabase(): Promise<string> {
  const db = await startTestDatabase()
  onTestFinished(() => db.stop())
  return JSON.stringify(db.connection)
}

/** Heap sizes after collections vary by 100 to 200 KB: the share of that per round of a subject. */
const noise = { agentConnection: 1_500, eventStreams: 5_000, dispatcher: 3_000, agent: 5_000 }
const children = {
  agentConnection: 'agent-connection',
  eventStreams: 'event-streams',
  dispatcher: 'dispatcher',
  agent: 'agent',
}

test('an agent connection retains nothing of the 100 reports of a round', async () => {
  expect(await measure('agentConnection')).toBeLessThan(noise.agentConnection)
})

test('45 event streams retain nothing of a wake-up', async () => {
  expect(await measure('eventStreams', makeDatabase)).toBeLessThan(noise.eventStreams)
})

test('a dispatcher retains nothing of the eight pokes of a round', async () => {
  expect(await measure('dispatcher', makeDatabase)).toBeLessThan(noise.dispatcher)
})

test('an agent retains nothing of an ended command', async () => {
  const makeState = async () => {
    const state = await mkdtemp(join(tmpdir(), 'chandler-memory-'))
    onTestFinished(() => rm(state, { recursive: true, force: true }))
    return state
  }
  expect(await measure('agent', makeState)).toBeLessThan(noise.agent)
})
