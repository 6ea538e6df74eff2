import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { type CliContext, createContext } from '../src/cli/context.ts'
import { createSink } from '../src/cli/output/sink.ts'
import { readSettings } from '../src/cli/settings.ts'

interface Options {
  readonly input?: string
  /** Called after each piece of output. */
  readonly onOutput?: () => void
  /** Ends commands that run until a signal. */
  readonly signal?: AbortSignal
}

/** A context like that of a pipe: no terminal, no colours; records the output. */
export function makeCliContext(
  environment: Readonly<Record<string, string>> = {},
  { input = '', onOutput, signal }: Options = {},
) {
  const printed = { out: '', err: '' }
  const settings = readSettings({ HOME: '/nowhere', ...environment })
  const streams: PassThrough[] = []
  const sinkInto = (name: 'out' | 'err') => {
    const stream = new PassThrough()
    streams.push(stream)
    stream.on('data', (chunk: Buffer) => {
      printed[name] += chunk.toString()
      onOutput?.()
    })
    return createSink(stream as unknown as NodeJS.WriteStream, settings)
  }
  const stdin = new PassThrough().end(input) as unknown as NodeJS.ReadStream
  const context: CliContext = createContext({ settings, out: sinkInto('out'), err: sinkInto('err'), stdin, signal })
  return {
    context,
    printed,
    /** Ends the output; resolves when all of it is in `printed`. */
    async end() {
      for (const stream of streams) {
        const ended = once(stream, 'end')
        stream.end()
        await ended
      }
    },
  }
}
