import type { Client } from '../client/client.ts'
import type { ExecutionView } from '../protocol/api/executions.ts'
import type { CliContext } from './context.ts'
import { exitCodes } from './exit-code.ts'
import type { Sink } from './output/sink.ts'
import type { LiveView } from './progress/live-view.ts'
import { linesOf } from './progress/plain-lines.ts'
import { applyEvent, type Progress } from './progress/progress.ts'

/** `interrupted`: Ctrl-C; the execution continues without the CLI. */
export interface Watched {
  readonly progress: Progress
  readonly interrupted: boolean
}

/**
 * Follows an execution until it ends: as a live view on a terminal, as lines elsewhere. Reconnects
 * while the server is unreachable.
 * @param sink output of the progress; undefined = none
 */
export async function watchExecution(
  context: CliContext,
  client: Client,
  started: ExecutionView,
  sink: Sink | undefined,
): Promise<Watched> {
  let progress: Progress = { execution: started, running: new Map(), failures: [] }
  let seen: Progress | undefined
  const stop = new AbortController()
  // Keep it registered: ink ends the process when it finds only its own listener. A second Ctrl-C
  // exits immediately.
  const interrupt = () => (stop.signal.aborted ? process.exit(exitCodes.interrupted) : stop.abort())
  process.on('SIGINT', interrupt)
  const view = await openView(sink)
  try {
    const events = client.executions.follow(started.id, {
      signal: stop.signal,
      known: started,
      onLost: ({ message }) => view?.note(`${message} Retrying …`),
      onBack: () => view?.note(undefined),
    })
    for await (const event of events) {
      const next = applyEvent(seen, event)
      if (!next) continue
      view?.show(seen, next.progress, next.failed)
      seen = next.progress
      progress = next.progress
    }
  } finally {
    process.off('SIGINT', interrupt)
    await view?.close()
  }
  if (stop.signal.aborted) {
    context.err.line(`${started.id} continues. To follow it: chandler execution show ${started.id} --follow`)
    context.err.line(`                            To cancel it: chandler execution cancel ${started.id}`)
    return { progress, interrupted: true }
  }
  // The stream has ended; read the execution once more, so that the result is the server's own.
  return { progress: { ...progress, execution: await client.executions.get(started.id) }, interrupted: false }
}

interface View {
  show(before: Progress | undefined, after: Progress, failed: Parameters<typeof linesOf>[2]): void
  note(text: string | undefined): void
  close(): Promise<void>
}

async function openView(sink: Sink | undefined): Promise<View | undefined> {
  if (!sink) return undefined
  if (!sink.isTerminal) {
    return {
      show: (before, after, failed) => linesOf(before, after, failed).forEach((line) => sink.line(line)),
      note: (text) => sink.line(text ?? 'reconnected to the server'),
      close: async () => undefined,
    }
  }
  const { openLiveView } = await import('./progress/live-view.ts')
  const live: LiveView = openLiveView(sink, Date.now)
  return { show: (_, after) => live.show(after), note: live.note, close: live.close }
}
