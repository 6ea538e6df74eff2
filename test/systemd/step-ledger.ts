import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { isEnded } from '../../src/core/execution/execution.ts'
import type { ArtifactKind } from '../../src/core/extension/extension.ts'
import { sha256Of } from '../../src/lib/digest.ts'
import type { VersionInput } from '../../src/protocol/api/extensions.ts'
import type { Container } from './container.ts'

/** What a script of `stepScript` does; each writes its start and its end into the ledger. */
export const stepNames = ['install', 'update', 'uninstall', 'verify'] as const
export type StepName = (typeof stepNames)[number]

/**
 * The truth, in files that no part of the product reads: FOLDER/ledger gets a line at each start and each end of a script,
 * such as `v1 install start`. The script waits for FOLDER/go if FOLDER/hold names its step, so that something can happen
 * meanwhile. `more` are lines that it runs while nothing holds it.
 */
const stepScript = (step: StepName, more = '') => `#!/bin/sh
folder=$CHANDLER_PARAM_folder
me="$CHANDLER_VERSION ${step}"
echo "$me start" >> "$folder/ledger"
echo "output of $me"
while [ "$(cat "$folder/hold" 2>/dev/null)" = "$me" ] && [ ! -e "$folder/go" ]; do
  [ -d "$folder" ] || exit 99
  sleep 0.05
done
${more}
echo "$me end" >> "$folder/ledger"
`

export interface StepOptions {
  readonly steps?: readonly StepName[]
  /** Lines of the scripts. */
  readonly lines?: Readonly<Partial<Record<StepName, string>>>
  readonly artifact?: {
    readonly bytes: () => Uint8Array
    readonly fileName: string
    readonly kind: 'file' | 'tar'
    readonly unpack: boolean
  }
}

export interface StepExtension {
  readonly name: string
  /** Where its files are, as the scripts see it. */
  readonly inside: string
  /** The next version. */
  addVersion(options?: StepOptions): Promise<void>
  /** Scripts of this step and version, such as `v1 install`, wait. */
  hold(step: string): Promise<void>
  /** Lets them continue. */
  open(): Promise<void>
  /** Resolves when the ledger has this line, such as `v1 install start`. */
  wrote(line: string): Promise<void>
  ledger(): Promise<string[]>
  start(
    action: 'install' | 'update' | 'uninstall',
    instanceId: string,
    options?: { readonly version?: number; readonly reboot?: 'allowed' },
  ): Promise<string>
}

const patience = { timeout: 110_000, interval: 20 }

/** An extension without versions yet, for an instance in a container. The ledger is on the disk of the container. */
export async function makeStepExtension(client: Client, container: Container, name: string): Promise<StepExtension> {
  const inside = `/var/ledgers/${name}`
  const folder = join(container.disk, inside)
  await mkdir(folder, { recursive: true })
  let versions = 0
  const ledger = async () =>
    (await readFile(join(folder, 'ledger'), 'utf8').catch(() => '')).split('\n').filter(Boolean)
  return {
    name,
    inside,
    async addVersion(options = {}) {
      const input = await makeVersion(client, options)
      if (versions++ === 0) await client.extensions.create({ ...input, name, type: 'Application', description: '' })
      else await client.extensions.createVersion(name, input)
    },
    hold: (step) => writeFile(join(folder, 'hold'), step),
    open: () => writeFile(join(folder, 'go'), ''),
    async wrote(line) {
      await vi.waitFor(async () => expect(await ledger()).toContain(line), patience)
    },
    ledger,
    async start(action, instanceId, { version, reboot } = {}) {
      const parameters = action === 'uninstall' ? {} : { folder: inside }
      const { id } = await client.executions.start({
        action,
        extension: name,
        ...(version === undefined ? {} : { version: `v${version}` }),
        ...(reboot === undefined ? {} : { reboot }),
        targets: { kind: 'ids', ids: [instanceId] },
        parameters,
      })
      return id
    },
  }
}

async function makeVersion(
  client: Client,
  { steps = ['install', 'uninstall'], lines = {}, artifact }: StepOptions,
): Promise<VersionInput> {
  const scripts = steps.filter((step) => step !== 'verify').map((step) => [step, stepScript(step, lines[step])])
  return {
    versionDescription: '',
    scope: {},
    parameters: { folder: { type: 'String' } },
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: Object.fromEntries(scripts) as Partial<Record<StepName, string>>,
        verify: steps.includes('verify')
          ? [{ kind: 'script', script: stepScript('verify', lines.verify), withinMs: 600_000 }]
          : [],
        run: { timeoutMs: 600_000, unpack: artifact?.unpack ?? false, keepWorkspace: 'never' },
        ...(artifact === undefined ? {} : { artifact: await upload(client, artifact) }),
      },
    ],
  }
}

/** Uploads a package file; gives the artifact of a configuration. */
export async function upload<Kind extends ArtifactKind>(
  client: Client,
  { bytes, fileName, kind }: { readonly bytes: () => Uint8Array; readonly fileName: string; readonly kind: Kind },
) {
  const content = bytes()
  const sha256 = sha256Of(content)
  await client.artifacts.upload({
    sha256,
    sizeBytes: content.length,
    open: async () => new Blob([Uint8Array.from(content)]),
  })
  return { sha256, fileName, kind }
}

/** What the scripts printed on standard output, as the server has it. */
export async function readOutput(client: Client, executionId: string): Promise<string> {
  const { items } = await client.executions.listOutput(executionId)
  const pieces = items.filter(({ stream }) => stream === 'stdout').map(({ data }) => Buffer.from(data, 'base64'))
  return Buffer.concat(pieces).toString()
}

/** What the server says about an execution on one instance, once it has ended, and about an extension there. */
export async function readVerdict(client: Client, executionId: string, instanceId: string, extension?: string) {
  const execution = await vi.waitFor(async () => {
    const found = await client.executions.get(executionId)
    expect(isEnded(found.status), `${found.status}: ${found.reason}`).toBe(true)
    return found
  }, patience)
  const task = await client.executions.getTask(executionId, instanceId)
  const instance = await client.instances.get(instanceId)
  const version = (list: readonly { extension: string; version: string }[]) =>
    list.find((one) => one.extension === extension)?.version
  return {
    execution: execution.status,
    status: task.status,
    reasonCode: task.reasonCode,
    reason: task.reason,
    exitCode: task.exitCode,
    invocations: task.invocations.map(({ state }) => state),
    installed: version(instance.installed),
    broken: version(instance.broken),
  }
}
