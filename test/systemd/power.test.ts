// A reboot and a power cut in the middle of every step of an invocation. The expected results come from the ledger that the
// scripts write on the disk of the machine: each script began at most once, and the server shows how it ended.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Header } from 'tar'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import { createTcpProxy, type TcpProxy } from '../faults/tcp-proxy.ts'
import type { Container } from './container.ts'
import { type LiveInstance, type LiveSystem, skipReason, startLiveSystem } from './live-system.ts'
import { makeStepExtension, readVerdict, type StepExtension, type StepOptions } from './step-ledger.ts'

/** A moment in the life of an invocation. */
interface Moment {
  readonly step: string
  /** All but the last one are installed before. */
  readonly versions: readonly StepOptions[]
  readonly action: 'install' | 'update' | 'uninstall'
  /** The script that runs at that moment; absent: none does. */
  readonly script?: string
  /** Waits for that moment, if no script runs. `begin` starts the execution. */
  readonly reach?: (machine: Machine, begin: () => Promise<unknown>) => Promise<void>
  /** What the action adds to the ledger. */
  readonly ledger: readonly string[]
  readonly verdict: {
    readonly status: string
    readonly reasonCode: string
    readonly invocations: readonly string[]
    readonly installed: string | undefined
    readonly broken: string | undefined
  }
}

interface Machine {
  readonly disk: string
  readonly network: TcpProxy
}

const interrupted = { status: 'Failed', reasonCode: 'Interrupted', invocations: ['failed'] }
const succeeded = { status: 'Success', reasonCode: 'Succeeded', invocations: ['succeeded'], broken: undefined }
const wrote = (...scripts: string[]) => scripts.flatMap((script) => [`${script} start`, `${script} end`])

const manyFiles = 30_000
/** More than what a connection passes before it is held, and less. */
const data = { bytes: () => randomBytes(6 * 1024 * 1024), fileName: 'data.bin', kind: 'file', unpack: false } as const
const archive = {
  bytes: () => gzipSync(packEmptyFiles(manyFiles)),
  fileName: 'many.tar.gz',
  kind: 'tar',
  unpack: true,
} as const

const fileName = (index: number) => `file-${index}`

function packEmptyFiles(count: number): Uint8Array {
  const blocks = Array.from({ length: count }, (_, index) => {
    const header = new Header({ path: fileName(index), mode: 0o644, size: 0, type: 'File', mtime: new Date(0) })
    header.encode()
    return header.block as Buffer
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** Whether a workspace has the first file and not yet the last one. */
function isUnpacking(disk: string): boolean {
  const parent = join(disk, 'var/lib/chandler-agent/workspaces')
  const workspaces = existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name, 'new')) : []
  return workspaces.some(
    (path) => existsSync(join(path, fileName(0))) && !existsSync(join(path, fileName(manyFiles - 1))),
  )
}

const moments: readonly Moment[] = [
  {
    step: 'it downloads the package',
    versions: [{ artifact: data }],
    action: 'install',
    reach: async ({ network }, begin) => {
      const held = network.holdFrom((_piece, passedBytes) => passedBytes > 2_000_000)
      await begin()
      expect(await held).toContain('GET /artifacts/')
    },
    ledger: wrote('v1 install'),
    verdict: { ...succeeded, installed: 'v1' },
  },
  {
    step: 'it unpacks the package',
    versions: [{ artifact: archive }],
    action: 'install',
    reach: async ({ disk }, begin) => {
      await begin()
      await vi.waitFor(() => expect(isUnpacking(disk)).toBe(true), { timeout: 110_000, interval: 5 })
    },
    ledger: wrote('v1 install'),
    verdict: { ...succeeded, installed: 'v1' },
  },
  {
    step: 'the install script runs',
    versions: [{}],
    action: 'install',
    script: 'v1 install',
    ledger: ['v1 install start'],
    verdict: { ...interrupted, installed: undefined, broken: 'v1' },
  },
  {
    step: 'a check runs after the install script',
    versions: [{ steps: ['install', 'uninstall', 'verify'] }],
    action: 'install',
    script: 'v1 verify',
    // A check changes nothing: it is repeated.
    ledger: [...wrote('v1 install'), 'v1 verify start', ...wrote('v1 verify')],
    verdict: { ...succeeded, installed: 'v1' },
  },
  {
    step: 'the update script runs',
    versions: [{}, { steps: ['install', 'uninstall', 'update'] }],
    action: 'update',
    script: 'v2 update',
    ledger: ['v2 update start'],
    verdict: { ...interrupted, installed: undefined, broken: 'v2' },
  },
  {
    step: 'an update without an update script installs the new version',
    versions: [{}, {}],
    action: 'update',
    script: 'v2 install',
    ledger: [...wrote('v1 uninstall'), 'v2 install start', ...wrote('v1 install')],
    verdict: { ...interrupted, installed: 'v1', broken: undefined },
  },
  {
    step: 'the uninstall script runs',
    versions: [{}, {}],
    action: 'uninstall',
    script: 'v1 uninstall',
    ledger: ['v1 uninstall start'],
    verdict: { ...interrupted, installed: undefined, broken: 'v1' },
  },
]
/** An agent runs four invocations at once. */
const atOnce = 4

interface Cause {
  readonly cause: string
  readonly goDown: (container: Container) => Promise<void>
}

const causes: readonly Cause[] = [
  {
    cause: 'a power cut',
    goDown: async (container) => {
      await container.cut()
      await container.boot()
    },
  },
  {
    cause: 'a reboot',
    goDown: async (container) => {
      const { boots } = container
      await container.run('systemctl', 'reboot')
      await container.rebooted(boots)
    },
  },
]

interface Result {
  readonly ledger: readonly string[]
  readonly verdict: object
}

// Without root, overlays or apt there are no containers. In CI the tests do not ask.
describe.skipIf(skipReason !== undefined)('the machine goes down', () => {
  let live: LiveSystem
  let network: TcpProxy
  let instances: LiveInstance[]

  beforeAll(async () => {
    live = await startLiveSystem()
    network = await createTcpProxy({ host: '127.0.0.1', port: Number(new URL(live.server.url).port) })
    const names = Array.from({ length: Math.ceil(moments.length / atOnce) }, (_, index) => `power-${index}`)
    instances = await Promise.all(names.map((name) => live.addInstance(name, { serverUrl: network.url })))
  })
  afterAll(async () => {
    await live?.stop()
    await network?.stop()
  })

  /** Brings all invocations to their moments, takes the machines down and up again, and waits for the ends. */
  async function play(name: string, goDown: (container: Container) => Promise<void>): Promise<Map<string, Result>> {
    const played = await Promise.all(moments.map((moment, index) => prepare(moment, index, `${name}-${index}`)))
    for (const { moment, extension, begin } of played)
      if (moment.script !== undefined) {
        await extension.hold(moment.script)
        await begin()
      }
    for (const { moment, extension } of played)
      if (moment.script !== undefined) await extension.wrote(`${moment.script} start`)
    for (const { moment, instance, begin } of played)
      await moment.reach?.({ disk: instance.container.disk, network }, begin)
    await Promise.all(instances.map(({ container }) => goDown(container)))
    network.restore()
    const results = played.map(async ({ moment, instance, extension, execution, known }): Promise<[string, Result]> => {
      await extension.open()
      const verdict = await readVerdict(live.client, await execution(), instance.id, extension.name)
      return [moment.step, { verdict, ledger: (await extension.ledger()).slice(known) }]
    })
    return new Map(await Promise.all(results))
  }

  async function prepare(moment: Moment, index: number, name: string) {
    const instance = instances[Math.floor(index / atOnce)] as LiveInstance
    const extension: StepExtension = await makeStepExtension(live.client, instance.container, name)
    for (const version of moment.versions) await extension.addVersion(version)
    if (moment.versions.length > 1)
      await readVerdict(live.client, await extension.start('install', instance.id, { version: 1 }), instance.id, name)
    let started: Promise<string> | undefined
    const options = moment.action === 'update' ? { version: 2 } : {}
    return {
      moment,
      instance,
      extension,
      known: (await extension.ledger()).length,
      begin: () => (started = extension.start(moment.action, instance.id, options)),
      execution: async () => (await started) ?? '',
    }
  }

  describe.each(causes)('by $cause', ({ cause, goDown }) => {
    let results: Map<string, Result>
    beforeAll(async () => {
      try {
        results = await play(cause.replaceAll(' ', '-'), goDown)
      } catch (error) {
        console.error(await live.describe())
        throw error
      }
    })
    test.each(moments)('while $step', ({ step, ledger, verdict }) => {
      expect(results.get(step)).toEqual({ ledger, verdict: expect.objectContaining(verdict) })
    })
  })

  /** Ends the script as complete, with a request. */
  const requestReboot = 'echo "$me end" >> "$folder/ledger"; exit 194'
  const requestByFile = 'echo "$me end" >> "$folder/ledger"; : > "$CHANDLER_REBOOT"; exit 0'

  describe('because a script reboots it', () => {
    const prepareOn = async (name: string, ...versions: readonly StepOptions[]) => {
      onTestFailed(async () => console.error(await live.describe()))
      const instance = instances[0] as LiveInstance
      const extension = await makeStepExtension(live.client, instance.container, name)
      for (const version of versions) await extension.addVersion(version)
      const { boots } = instance.container
      return {
        ...instance,
        extension,
        countBoots: () => instance.container.boots - boots,
        verdictOf: (executionId: string) => readVerdict(live.client, executionId, instance.id, name),
      }
    }
    const allowed = { reboot: 'allowed' } as const

    test.each([
      { how: 'exit code 194', name: 'reboot-code', install: requestReboot },
      { how: 'the file CHANDLER_REBOOT', name: 'reboot-file', install: requestByFile },
    ])('an install that requests it by $how continues with the checks after the boot', async ({ name, install }) => {
      const steps = ['install', 'verify', 'uninstall'] as const
      const version = { steps, lines: { install } }
      const { id, extension, countBoots, verdictOf } = await prepareOn(name, version)
      const verdict = await verdictOf(await extension.start('install', id, allowed))
      expect(verdict, verdict.reason).toMatchObject({ ...succeeded, installed: 'v1' })
      expect(await extension.ledger()).toEqual(wrote('v1 install', 'v1 verify'))
      expect(countBoots()).toBe(1)
    })

    test('an update with a request in each half: uninstall, boot, install, boot', async () => {
      const version = { lines: { install: requestReboot, uninstall: requestByFile } }
      const { id, extension, countBoots, verdictOf } = await prepareOn('reboot-update', version, version)
      await verdictOf(await extension.start('install', id, { version: 1 }))
      const verdict = await verdictOf(await extension.start('update', id, { version: 2, ...allowed }))
      expect(verdict, verdict.reason).toMatchObject({ ...succeeded, installed: 'v2' })
      expect(await extension.ledger()).toEqual(wrote('v1 install', 'v1 uninstall', 'v2 install'))
      expect(countBoots()).toBe(2)
    })

    test('a request that the execution does not allow reboots nothing', async () => {
      const { id, extension, countBoots, verdictOf } = await prepareOn('reboot-never', {
        lines: { install: requestReboot },
      })
      expect(await verdictOf(await extension.start('install', id))).toMatchObject({
        status: 'Success',
        reasonCode: 'RebootRequired',
        installed: 'v1',
      })
      expect(countBoots()).toBe(0)
    })

    test('a request by file that the execution does not allow reboots nothing either', async () => {
      const { id, extension, countBoots, verdictOf } = await prepareOn('reboot-file-never', {
        lines: { install: requestByFile },
      })
      expect(await verdictOf(await extension.start('install', id))).toMatchObject({
        status: 'Success',
        reasonCode: 'RebootRequired',
      })
      expect(countBoots()).toBe(0)
    })

    test.each([
      { name: 'itself-systemctl', how: 'systemctl reboot', install: 'systemctl reboot' },
      { name: 'itself-shutdown', how: 'shutdown -r now', install: 'shutdown -r now' },
      {
        // As unattended-upgrades does: logind waits for it before systemd begins to stop anything.
        name: 'itself-delayed',
        how: 'systemctl reboot, which an inhibitor delays,',
        install:
          'systemd-run --unit=delays systemd-inhibit --what=shutdown --mode=delay sleep 1000; until systemd-inhibit --list | grep -q sleep; do sleep 0.05; done; systemctl reboot',
      },
    ])(
      'a script that ends well after $how: the next step follows after the boot, and the result says so',
      async ({ name, install }) => {
        const steps = ['install', 'verify', 'uninstall'] as const
        const lines = { install, verify: 'systemctl is-system-running >> "$folder/ledger"' }
        const { id, container, extension, countBoots, verdictOf } = await prepareOn(name, { steps, lines })
        const { boots } = container
        const executionId = await extension.start('install', id)
        await container.rebooted(boots)
        const verdict = await verdictOf(executionId)
        expect(verdict, verdict.reason).toMatchObject({ ...succeeded, installed: 'v1' })
        expect(verdict.reason).toBe('Installed v1. The instance was rebooted.')
        expect(await extension.ledger()).toEqual([
          ...wrote('v1 install'),
          'v1 verify start',
          expect.stringMatching(/^(starting|running|degraded)$/),
          'v1 verify end',
        ])
        expect(countBoots()).toBe(1)
      },
    )

    test('a script that reboots the machine itself is reported as interrupted, and not run again', async () => {
      const lines = { install: 'systemctl reboot; sleep 1000' }
      const { id, container, extension, countBoots, verdictOf } = await prepareOn('reboot-itself', { lines })
      const { boots } = container
      const executionId = await extension.start('install', id)
      await container.rebooted(boots)
      const verdict = await verdictOf(executionId)
      expect(verdict).toMatchObject({ ...interrupted, broken: 'v1' })
      expect(verdict.reason).toMatch(
        /^The machine (rebooted|was shutting down) while the install script of v1 was running/,
      )
      expect(await extension.ledger()).toEqual(['v1 install start'])
      expect(countBoots()).toBe(1)
    })
  })
})
