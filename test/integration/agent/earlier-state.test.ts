import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openInstalledRecords } from '../../../src/agent/state/installed-record.ts'
import { openJournal } from '../../../src/agent/state/journal.ts'
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
