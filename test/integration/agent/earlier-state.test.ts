import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openInstalledRecords } from '../../../src/agent/state/installed-record.ts'
import { type JournalState, openJournal } from '../../../src/agent/state/journal.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { makeReason, makeTextReason } from '../../../src/core/reason/reason.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { makeInstall, makeInstallation } from './agent-engine.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chandler-test-'))
})
afterEach(() => rm(directory, { recursive: true }))

const withEarlierName = (text: string) => text.replaceAll('"installation":', '"recipe":')

test('the record of an installed extension that an earlier agent wrote is read', async () => {
  const installation = makeInstallation({ scripts: { install: 'true' } })
  const record = {
    extensionId: 'ext-1',
    extensionName: 'demo',
    executionId: 'exec-1',
    status: 'installed' as const,
    installation,
    recordedAt: 1,
  }
  await writeFile(join(directory, 'ext-1.json'), withEarlierName(JSON.stringify(record)))
  const records = await openInstalledRecords(directory, silentLogger)
  expect(await records.read('ext-1')).toEqual(record)
  expect(records.list()).toMatchObject([{ extensionId: 'ext-1', version: installation.version }])
})

test('the journal of an invocation that ended under an earlier agent is read', async () => {
  const invocation = makeInstall({ scripts: { install: 'true' } })
  const journal = await openJournal(directory, silentLogger)
  const entry = await journal.add(invocation, 1)
  await journal.release(invocation.id)
  const state = { ...entry.state, change: { status: 'installed' as const, installation: 'wanted' as const } }
  const path = join(directory, invocation.id, 'journal.jsonl')
  await appendFile(path, `${withEarlierName(JSON.stringify(state))}\n`)
  expect(await readFile(path, 'utf8')).toContain('"recipe":"wanted"')
  const { entries, unreadable } = await (await openJournal(directory, silentLogger)).load()
  expect(unreadable).toEqual([])
  expect(entries).toMatchObject([{ state }])
})

const stepsWith = (failure: object, done: object) => [
  { id: 'prepareWanted', bootId: 'b', result: { status: 'done', ...done } },
  { id: 'installWanted', bootId: 'b', result: { status: 'failed', began: true, failure } },
]
const failed = { state: 'failed', reasonCode: 'ScriptFailed', exitCode: 5 } as const

test('the reasons of steps in a journal are read as they were saved, and an earlier agent finds their text', async () => {
  const reason = [
    ...makeReason('ScriptExited', { script: 'install', version: 2, exitCode: 5, meaning: 'none' }),
    ...makeReason('ScriptSaid', { text: 'no licence' }),
  ]
  const said = makeReason('InterruptedCompleted', { names: ['demo'] })
  const invocation = makeInstall({ scripts: { install: 'true' } })
  const journal = await openJournal(directory, silentLogger)
  const entry = await journal.add(invocation, 1)
  const state = { ...entry.state, steps: stepsWith({ ...failed, reason }, { said }) } as JournalState
  await journal.save(invocation.id, state)
  await journal.release(invocation.id)
  const line = (await readFile(join(directory, invocation.id, 'journal.jsonl'), 'utf8')).split('\n').at(-2) ?? ''
  expect(JSON.parse(line).steps).toMatchObject(
    stepsWith({ reason: renderEnglishReason(reason) }, { said: renderEnglishReason(said) }),
  )
  expect((await (await openJournal(directory, silentLogger)).load()).entries).toMatchObject([{ state }])
})

test('the texts of steps that an earlier agent journalled stay as they are', async () => {
  const invocation = makeInstall({ scripts: { install: 'true' } })
  const journal = await openJournal(directory, silentLogger)
  const entry = await journal.add(invocation, 1)
  await journal.release(invocation.id)
  const steps = stepsWith({ ...failed, reason: 'It failed.' }, { said: 'It removed x.' })
  await appendFile(join(directory, invocation.id, 'journal.jsonl'), `${JSON.stringify({ ...entry.state, steps })}\n`)
  const { entries } = await (await openJournal(directory, silentLogger)).load()
  const reason = makeTextReason('It failed.')
  expect(entries).toMatchObject([
    { state: { steps: stepsWith({ ...failed, reason }, { said: makeTextReason('It removed x.') }) } },
  ])
})
