import type { Client } from '../../src/client/client.ts'

/** The smallest extension that does something: a script that prints a line. */
export async function createDemo(client: Client, name: string): Promise<void> {
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
        scripts: { install: '#!/bin/sh\necho installed\n', uninstall: '#!/bin/sh\necho removed\n' },
        verify: [],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
}

/** Resolves when the execution is over; throws unless it succeeded. */
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
