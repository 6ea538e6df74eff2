import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import { factsSchema } from '../../protocol/agent-messages.ts'
import { createLinuxMachine } from '../platform/linux-machine.ts'
import { createFactsSource, isWorthReporting } from './facts-source.ts'
import type { WireFacts } from './fit-facts.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-facts-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the facts of this machine match their schema, and do not change without cause', async () => {
  const clock = createManualClock()
  const source = await createFactsSource({
    stateDirectory: folder,
    clock,
    log: silentLogger,
    machine: createLinuxMachine({ dmiDirectory: folder }),
  })
  const facts = factsSchema.parse(source.current())
  expect(facts).toEqual(source.current())
  expect(facts).toMatchObject({ os: { family: 'linux' }, cpus: expect.any(Number) })
  expect(facts.os.id).not.toBe('')
  expect(facts.memoryBytes).toBeGreaterThan(0)
  expect(facts.diskFreeBytes).toBeGreaterThan(0)
  expect(facts.agentVersion).toMatch(/^\d+\.\d+\.\d+/)
  source.close()
  expect(clock.dueAt()).toEqual([])
})

test('the cloud delays nothing: its facts are announced when it answers', async () => {
  await writeFile(join(folder, 'sys_vendor'), 'Amazon EC2\n')
  const waiting: ServerResponse[] = []
  const service = createServer((request, response) => {
    if (request.method === 'PUT') response.end('token')
    else waiting.push(response)
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  const source = await createFactsSource({
    stateDirectory: folder,
    clock: createManualClock(),
    log: silentLogger,
    machine: createLinuxMachine({ dmiDirectory: folder }),
    metadataUrls: { aws: url },
  })
  const changed = new Promise<WireFacts>((resolve) => source.onChange(resolve))
  expect(source.current().cloud).toBeUndefined()
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.end(JSON.stringify({ region: 'eu-west-1', instanceType: 't3.micro', instanceId: 'i-1' }))
  expect((await changed).cloud).toMatchObject({ provider: 'aws', region: 'eu-west-1', instanceFamily: 't3' })
  expect(source.current().cloud?.instanceId).toBe('i-1')
  source.close()
  service.close()
})

test('facts are read again every ten minutes, until the source is closed', async () => {
  const clock = createManualClock()
  const stateDirectory = join(folder, 'state')
  await mkdir(stateDirectory)
  const source = await createFactsSource({
    stateDirectory,
    clock,
    log: silentLogger,
    machine: createLinuxMachine({ dmiDirectory: folder }),
  })
  for (const dueAt of [600_000, 1_200_000]) {
    expect(clock.dueAt()).toEqual([dueAt])
    await clock.advance(600_000)
  }
  source.close()
  expect(clock.dueAt()).toEqual([])
})

test('a new release of the OS is announced at once', async () => {
  const release = join(folder, 'os-release')
  const write = (version: number) => writeFile(release, `ID=debian\nVERSION_ID="${version}"\n`)
  await write(12)
  const source = await createFactsSource({
    stateDirectory: folder,
    clock: createManualClock(),
    log: silentLogger,
    machine: createLinuxMachine({ dmiDirectory: folder, releaseFiles: [join(folder, 'none'), release] }),
    releaseLookMs: 20,
  })
  expect(source.current().os.version).toBe('12')
  const changed = new Promise<WireFacts>((resolve) => source.onChange(resolve))
  await write(13)
  expect((await changed).os).toMatchObject({ id: 'debian', version: '13' })
  source.close()
})

const reported: WireFacts = {
  os: { family: 'linux', id: 'debian', version: '12', name: 'Debian', kernel: '6', arch: 'x86_64' },
  hostName: 'h',
  addresses: ['10.0.0.1'],
  cpus: 1,
  memoryBytes: 1,
  diskFreeBytes: 1_000,
  virtualization: '',
  agentVersion: '0',
}

test.each([
  ['nothing', {}, false],
  ['a little less free space', { diskFreeBytes: 951 }, false],
  ['a little more free space', { diskFreeBytes: 1_049 }, false],
  ['a twentieth less free space', { diskFreeBytes: 950 }, true],
  ['a full disk', { diskFreeBytes: 0 }, true],
  ['an address', { addresses: ['10.0.0.2'] }, true],
  ['a kernel', { os: { ...reported.os, kernel: '7' } }, true],
])('reported on change: %s', (_, fields, expected) => {
  expect(isWorthReporting(reported, { ...reported, ...fields })).toBe(expected)
})

test('a disk that stays full is not a change', () => {
  expect(isWorthReporting({ ...reported, diskFreeBytes: 0 }, { ...reported, diskFreeBytes: 0 })).toBe(false)
})
