import { once } from 'node:events'
import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** One of the two streams that a command prints to. */
export interface Sink {
  /** A terminal that can move its cursor. */
  readonly isTerminal: boolean
  readonly hasStyles: boolean
  readonly columns: number
  readonly stream: NodeJS.WriteStream
  /** A line; its end is added. */
  line(text?: string): void
  write(data: string | Uint8Array): void
  /** Resolves when what was written may grow again: whoever writes much waits for it. */
  drained(): Promise<void>
  /** The text in a style where the stream shows styles, else as it is. */
  style(style: Style, text: string): string
}

export function createSink(stream: NodeJS.WriteStream, options: { noColor: boolean; dumbTerminal: boolean }): Sink {
  const isTerminal = stream.isTTY === true && !options.dumbTerminal
  const hasStyles = isTerminal && !options.noColor
  return {
    isTerminal,
    hasStyles,
    get columns() {
      return stream.columns ?? 80
    },
    stream,
    line: (text = '') => void stream.write(`${text}\n`),
    write: (data) => void stream.write(data),
    drained: async () => {
      if (stream.writableNeedDrain) await once(stream, 'drain')
    },
    style: (style, text) => (hasStyles ? styleText(style, text, { validateStream: false }) : text),
  }
}
