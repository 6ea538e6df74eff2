import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { ExecutionRequest } from '../../src/protocol/api/executions.ts'
import type { VersionInput } from '../../src/protocol/api/extensions.ts'

/**
 * Records the truth in files that no part of the product reads: `<instance>.ledger` gets a line at
 * each start and each end. Between the two it prints numbered lines to both streams, waits half-way
 * for the file `go` (or `<instance>.go`), and exits with the number in `<instance>.exit`, if it
 * exists. It exits when the folder is removed.
 */
const installScript = `#!/bin/sh
folder=$CHANDLER_PARAM_folder
me=$folder/$CHANDLER_INSTANCE_ID
who="$CHANDLER_EXECUTION_ID $CHANDLER_INSTANCE_ID"
echo "$who start $$ $PPID" >> "$me.ledger"
line=0
print_until() {
  while [ "$line" -lt "$1" ]; do
    line=$((line + 1))
    echo "line $line of $who"
    echo "error $line of $who" >&2
    [ "$CHANDLER_PARAM_pace" = 0 ] || sleep "$CHANDLER_PARAM_pace"
  done
}
print_until $((CHANDLER_PARAM_lines / 2))
while [ ! -e "$folder/go" ] && [ ! -e "$me.go" ]; do
  [ -d "$folder" ] || exit 99
  sleep 0.05
done
print_until "$CHANDLER_PARAM_lines"
code=0
[ ! -e "$me.exit" ] || read -r code < "$me.exit"
echo "$who end $code" >> "$me.ledger"
exit "$code"
`

export interface LedgerOptions {
  /** Instance ids and the exit codes of their scripts; default 0. */
  readonly exits?: Readonly<Record<string, number>>
  readonly lines?: number
  /** Seconds between lines, as `sleep` parses them. */
  readonly pace?: string
  /** Size of an artifact to download first; none if absent. */
  readonly artifactBytes?: number
  readonly rateControl?: ExecutionRequest['rateControl']
  readonly deliveryTimeoutMs?: number
  /** Runs when the extension exists, before its installation starts. */
  readonly beforeStart?: () => Promise<void>
}

/** A running execution, with the ledgers of its scripts. */
export interface LedgerRun {
  readonly executionId: string
  readonly extension: string
  readonly instanceIds: readonly string[]
  readonly lines: number
  readonly options: LedgerOptions
  /** Lets the scripts of these instances, or of all, continue. */
  open(...instanceIds: string[]): Promise<void>
  /** Resolves when scripts of this many instances have started or ended. */
  started(count: number): Promise<void>
  ended(count: number): Promise<void>
  ledgerOf(instanceId: string): LedgerLine[]
}

export interface LedgerLine {
  readonly executionId: string
  readonly instanceId: string
  readonly word: 'start' | 'end'
  /** At a start: the script's process id and its parent's. At an end: the exit code. */
  readonly numbers: readonly number[]
}

const configuration: VersionInput['configurations'][number] = {
  os: 'linux',
  arch: 'any',
  scripts: { install: installScript },
  verify: [],
  run: { timeoutMs: 600_000, unpack: false, keepWorkspace: 'never' },
}

const patience = { timeout: 110_000, interval: 10 }

/** Creates an extension and starts its installation on these instances. */
export async function startLedgerRun(
  client: Client,
  folder: string,
  instanceIds: readonly string[],
  options: LedgerOptions = {},
): Promise<LedgerRun> {
  const extension = `ledger-${randomBytes(4).toString('hex')}`
  const directory = join(folder, extension)
  await mkdir(directory)
  for (const [id, code] of Object.entries(options.exits ?? {}))
    await writeFile(join(directory, `${id}.exit`), `${code}\n`)
  const { lines = 20, pace = '0', rateControl = { mode: 'Batch', batches: [1, 2], maxErrors: '100%' } } = options
  const artifact = options.artifactBytes === undefined ? undefined : await uploadRandom(client, options.artifactBytes)
  await client.extensions.create({
    name: extension,
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {
      folder: { type: 'String' },
      lines: { type: 'Number' },
      pace: { type: 'String' },
    },
    configurations: [{ ...configuration, ...(artifact ? { artifact } : {}) }],
  })
  await options.beforeStart?.()
  const { id: executionId } = await client.executions.start({
    action: 'install',
    extension,
    targets: { kind: 'ids', ids: [...instanceIds] },
    parameters: { folder: directory, lines, pace },
    rateControl,
    ...(options.deliveryTimeoutMs === undefined ? {} : { deliveryTimeoutMs: options.deliveryTimeoutMs }),
  })

  const ledgerOf = (instanceId: string): LedgerLine[] => {
    const file = join(directory, `${instanceId}.ledger`)
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(parseLine) : []
  }
  const count = (word: LedgerLine['word']) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.ledger'))
      .filter((name) => ledgerOf(name.slice(0, -'.ledger'.length)).some((line) => line.word === word)).length
  const reaches = (word: LedgerLine['word']) => async (wanted: number) => {
    await vi.waitFor(() => expect(count(word), `${word}s in the ledgers`).toBeGreaterThanOrEqual(wanted), patience)
  }
  return {
    executionId,
    extension,
    instanceIds,
    lines,
    options,
    async open(...ids) {
      const names = ids.length > 0 ? ids.map((id) => `${id}.go`) : ['go']
      for (const name of names) await writeFile(join(directory, name), '')
    },
    started: reaches('start'),
    ended: reaches('end'),
    ledgerOf,
  }
}

function parseLine(line: string): LedgerLine {
  const [executionId = '', instanceId = '', word = '', ...numbers] = line.split(' ')
  return { executionId, instanceId, word: word as LedgerLine['word'], numbers: numbers.map(Number) }
}

async function uploadRandom(client: Client, sizeBytes: number) {
  const bytes = randomBytes(sizeBytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await client.artifacts.upload({ sha256, sizeBytes, open: async () => new Blob([bytes]) })
  return { sha256, fileName: 'data.bin', kind: 'file' as const }
}

/** The complete output of an ended script. */
export const printedBy = (run: LedgerRun, instanceId: string, word: 'line' | 'error') =>
  Array.from({ length: run.lines }, (_, index) => `${word} ${index + 1} of ${run.executionId} ${instanceId}\n`).join('')
