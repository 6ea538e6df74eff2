import { Option } from 'commander'
import { itemsOf } from '../../client/pages.ts'
import { type Stream, streams } from '../../protocol/agent-protocol.ts'
import type { OutputChunk } from '../../protocol/api/executions.ts'
import { exitCodes } from '../exit-code.ts'
import { findTaskInstance } from '../find-instance.ts'
import { createLogPrinter } from '../output/log-printer.ts'
import { type ApiRun, apiCommand, type Register } from './api-command.ts'

interface Options {
  readonly instance?: string
  readonly stream?: Stream
  readonly follow?: boolean
}

export const registerLogs: Register = (parent, context) => {
  apiCommand<Options>(parent, context, 'logs <execution>', 'show the script output of an execution', printLogs)
    .option('--instance <id>', 'show only this instance (id or name)')
    .addOption(new Option('--stream <stream>', 'show only this stream').choices(streams))
    .option('-f, --follow', 'follow the output until the execution ends')
}

async function printLogs({ client, context, options }: ApiRun<Options>, id: string) {
  const { instance, stream, follow } = options
  const instanceId = instance === undefined ? undefined : await findTaskInstance(client, id, instance)
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  if (follow) process.once('SIGINT', interrupt)
  const printer = createLogPrinter(context, options.output, {
    hasOneInstance: instanceId !== undefined,
    follow: follow ?? false,
  })
  try {
    const chunks: AsyncIterable<OutputChunk> = follow
      ? flat(
          client.executions.followOutput(id, {
            instanceId,
            signal: stop.signal,
            onLost: ({ message }) => context.err.line(`${message} Retrying …`),
          }),
        )
      : itemsOf((page) => client.executions.listOutput(id, { ...page, instanceId, stream }))
    let isEmpty = true
    for await (const chunk of chunks) {
      isEmpty = false
      if (stream === undefined || chunk.stream === stream) await printer.print(chunk)
    }
    const { outputExpiredAt } = isEmpty && !stop.signal.aborted ? await client.executions.get(id) : {}
    if (outputExpiredAt !== undefined) context.err.line(`The output expired on ${outputExpiredAt} and was deleted.`)
  } finally {
    printer.end()
    process.off('SIGINT', interrupt)
  }
  return stop.signal.aborted ? exitCodes.interrupted : undefined
}

async function* flat<Item>(lists: AsyncIterable<readonly Item[]>): AsyncGenerator<Item, void> {
  for await (const list of lists) yield* list
}
