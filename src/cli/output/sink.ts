import { once } from 'node:events'
import { styleText } from 'node:util'
import { createTerminalText, resetStyle } from './terminal-text.ts'

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
  /** Turns off what foreign output left on. */
  endStyle(): void
  /** Resolves when what was written may grow again: whoever writes much waits for it. */
  drained(): Promise<void>
  /** The text in a style where the stream shows styles, else as it is. */
  style(style: Style, text: string): string
}

export function createSink(stream: NodeJS.WriteStream, options: { noColor: boolean; dumbTerminal: boolean }): Sink {
  const isTerminal = stream.isTTY === true && !options.dumbTerminal
  const hasStyles = isTerminal && !options.noColor
  // Every word that is printed may come from elsewhere: names, tags, reasons, output. A file or another program gets it as it is.
  const text = stream.isTTY === true ? createTerminalText() : undefined
  const write = (data: string | Uint8Array) => void stream.write(text ? text.write(data) : data)
  return {
    isTerminal,
    hasStyles,
    get columns() {
      return stream.columns ?? 80
    },
    stream,
    line: (line = '') => write(`${line}\n`),
    write,
    endStyle: () => {
      if (text?.hasStyle) write(resetStyle)
    },
    drained: async () => {
      if (stream.writableNeedDrain) await once(stream, 'drain')
    },
    style: (style, text) => (hasStyles ? styleText(style, text, { validateStream: false }) : text),
  }
}
