import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Client } from '../../src/client/client.ts'
import { digestFile } from '../../src/lib/digest.ts'

export interface DemoExtension {
  readonly name: string
  readonly install?: string
  /** Path of its package file. */
  readonly artifact?: string
}

const printing = '#!/bin/sh\necho installed\n'

/** The smallest extension with an effect: by default, a script that prints a line. */
export async function createDemo(client: Client, { name, install = printing, artifact }: DemoExtension): Promise<void> {
  await client.extensions.create({
    name,
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        ...(artifact === undefined ? {} : { artifact: await upload(client, artifact) }),
        scripts: { install, uninstall: '#!/bin/sh\necho removed\n' },
        verify: [],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
}

async function upload(client: Client, path: string) {
  const { sha256, sizeBytes } = await digestFile(path)
  await client.artifacts.upload({ sha256, sizeBytes, open: () => open(path) })
  return { sha256, fileName: basename(path), kind: path.endsWith('.tar.gz') ? ('tar' as const) : ('file' as const) }
}

/** Resolves when the execution has ended; throws unless it succeeded. */
export async function finish(
  client: Client,
  id: string,
): Promise<{ startedAt: number; endedAt: number; createdAt: number }> {
  let execution = await client.executions.get(id)
  for await (const event of client.executions.follow(id, { after: 2 ** 40 }))
    if (event.kind === 'execution') execution = event.execution
  if (execution.status !== 'Success') throw new Error(`${id} ended ${execution.status}: ${execution.reason}`)
  return {
    createdAt: Date.parse(execution.createdAt),
    startedAt: Date.parse(execution.startedAt ?? execution.createdAt),
    endedAt: Date.parse(execution.endedAt ?? execution.createdAt),
  }
}

/** Seconds from the request to the end, as a client measures them. */
export async function timeInstall(client: Client, extension: string, concurrency: number): Promise<number> {
  const from = performance.now()
  const { id } = await client.executions.start({
    action: 'install',
    extension,
    targets: { kind: 'all' },
    rateControl: { mode: 'Concurrency', concurrency },
  })
  await finish(client, id)
  return (performance.now() - from) / 1000
}
