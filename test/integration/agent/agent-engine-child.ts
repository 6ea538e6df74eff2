// A worker in its own process, to be killed: `node agent-engine-child.ts STATE [STEP [COUNT]]` ends
// itself with SIGKILL when it reaches a state for the COUNT-th time. It receives invocations and
// returns report entries over IPC.
import { flushCompileCache } from 'node:module'
import { createWorker } from '../../../src/agent/invocation/create-worker.ts'
import { createPlatform } from '../../../src/agent/platform/create-platform.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import type { InvocationMessage, ReportEntry } from '../../../src/protocol/agent-messages.ts'
import { ArtifactShelf } from './artifact-shelf.ts'

export type ToChild =
  | { readonly kind: 'offer'; readonly invocation: InvocationMessage; readonly artifacts: readonly string[] }
  | { readonly kind: 'cancel'; readonly id: string }
export type FromChild =
  | { readonly kind: 'ready'; readonly open: string[] }
  | { readonly kind: 'entries'; readonly entries: ReportEntry[] }
  | { readonly kind: 'forgotten' }

// A killed process does not write the compiled code that the next one needs.
flushCompileCache()

const [stateDirectory = '', killAt, count = '1', acknowledges] = process.argv.slice(2)
let left = Number(count)
const shelf = new ArtifactShelf()
const tell = (message: FromChild) => process.send?.(message)

const worker = await createWorker({
  stateDirectory,
  instanceId: 'i-0000000000000000',
  fetchArtifact: shelf.fetch,
  platform: createPlatform(),
  clock: systemClock,
  log: silentLogger,
  killGraceMs: 300,
  onStep(state) {
    if (state === killAt && --left === 0) process.kill(process.pid, 'SIGKILL')
    if (state === 'forgotten') tell({ kind: 'forgotten' })
  },
})

function takeAll(): void {
  for (let batch = worker.take(512 * 1024); batch.length > 0; batch = worker.take(512 * 1024)) {
    tell({ kind: 'entries', entries: batch })
    if (acknowledges !== 'never') worker.acknowledged(batch)
  }
}
worker.onReport(takeAll)
process.on('message', (message: ToChild) => {
  if (message.kind === 'cancel') return worker.cancel(message.id)
  for (const content of message.artifacts) shelf.add(Buffer.from(content, 'base64'), 'any')
  void worker.offer(message.invocation)
})
tell({ kind: 'ready', open: worker.open().map(({ id }) => id) })
takeAll()
