import { stringify } from 'yaml'
import type { OutputChunk } from '../../protocol/api/executions.ts'
import type { CliContext } from '../context.ts'
import type { OutputFormat } from './format.ts'
import { printable } from './printable.ts'
import type { Sink } from './sink.ts'

export interface LogPrinter {
  /** Resolves when the sink accepts more. */
  print(chunk: OutputChunk): Promise<void>
  /** Prints the last line if it has no line end. */
  end(): void
}

/**
 * Prints output byte for byte, stdout to stdout and stderr to stderr. With several instances,
 * prefixes each line with its instance and keeps lines whole. As JSON: one array; with `follow` one
 * object per line.
 */
export function createLogPrinter(
  { out, err }: Pick<CliContext, 'out' | 'err'>,
  format: OutputFormat,
  { hasOneInstance, follow }: { hasOneInstance: boolean; follow: boolean },
): LogPrinter {
  if (format !== 'table') return createDocumentPrinter(out, format, follow)
  return hasOneInstance ? createPlainPrinter(out, err) : createPrefixPrinter(out, err)
}

const lineEnd = 0x0a
const maxLineBytes = 64 * 1024

function createPlainPrinter(out: Sink, err: Sink): LogPrinter {
  const gaps = createGapFinder()
  return {
    async print(chunk) {
      const gap = gaps(chunk)
      if (gap > 0) err.line(`[${gap} bytes are not kept]`)
      const sink = chunk.stream === 'stdout' ? out : err
      sink.write(Buffer.from(chunk.data, 'base64'))
      await sink.drained()
    },
    end() {
      out.endStyle()
      err.endStyle()
    },
  }
}

function createPrefixPrinter(out: Sink, err: Sink): LogPrinter {
  const gaps = createGapFinder()
  const open = new Map<string, { readonly chunk: OutputChunk; rest: Buffer }>()
  const sinkOf = ({ stream }: OutputChunk) => (stream === 'stdout' ? out : err)
  const printLine = (chunk: OutputChunk, line: Uint8Array) => {
    const sink = sinkOf(chunk)
    sink.endStyle()
    sink.write(`${sink.style('cyan', printable(chunk.instanceName))} ${sink.style('dim', '|')} `)
    sink.write(line)
  }
  const printRest = (entry: { readonly chunk: OutputChunk; rest: Buffer }) => {
    if (entry.rest.length > 0) printLine(entry.chunk, Buffer.concat([entry.rest, Buffer.from([lineEnd])]))
    entry.rest = Buffer.alloc(0)
  }
  return {
    async print(chunk) {
      const key = `${chunk.invocationId} ${chunk.stream}`
      const entry = open.get(key) ?? { chunk, rest: Buffer.alloc(0) }
      open.set(key, entry)
      const gap = gaps(chunk)
      if (gap > 0) {
        printRest(entry)
        err.line(`${printable(chunk.instanceName)} | [${gap} bytes are not kept]`)
      }
      const data = Buffer.concat([entry.rest, Buffer.from(chunk.data, 'base64')])
      let from = 0
      for (let end = data.indexOf(lineEnd); end >= 0; end = data.indexOf(lineEnd, from)) {
        printLine(chunk, data.subarray(from, end + 1))
        from = end + 1
      }
      entry.rest = data.subarray(from)
      // Bounds the memory for a line without end.
      if (entry.rest.length > maxLineBytes) printRest(entry)
      await sinkOf(chunk).drained()
    },
    end() {
      open.forEach(printRest)
      out.endStyle()
      err.endStyle()
    },
  }
}

/** Number of missing bytes before a chunk: output beyond the limit is cut in the middle. */
function createGapFinder(): (chunk: OutputChunk) => number {
  const next = new Map<string, number>()
  return ({ invocationId, stream, offset, data }) => {
    const key = `${invocationId} ${stream}`
    const gap = offset - (next.get(key) ?? 0)
    next.set(key, offset + Buffer.byteLength(data, 'base64'))
    return gap
  }
}

function createDocumentPrinter(out: Sink, format: 'json' | 'yaml', follow: boolean): LogPrinter {
  let count = 0
  return {
    async print(chunk) {
      if (format === 'yaml') out.write(stringify([chunk], { lineWidth: 0 }))
      else if (follow) out.line(JSON.stringify(chunk))
      else out.write(`${count === 0 ? '[' : ','}\n${JSON.stringify(chunk)}`)
      count += 1
      await out.drained()
    },
    end() {
      if (format === 'json' && !follow) out.line(count === 0 ? '[]' : '\n]')
      if (format === 'yaml' && count === 0 && !follow) out.line('[]')
    },
  }
}
