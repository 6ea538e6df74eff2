import { once } from 'node:events'
import { styleText } from 'node:util'
import { createTerminalText, resetStyle } from './terminal-text.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** One of the two output streams of a command. */
export interface Sink {
  /** A terminal with cursor control. */
  readonly isTerminal: boolean
  readonly hasStyles: boolean
  readonly columns: number
  readonly stream: NodeJS.WriteStream
  /** Writes a line and its line end. */
  line(text?: string): void
  write(data: string | Uint8Array): void
  /** Resets styles that untrusted output left on. */
  endStyle(): void
  /** Resolves when the stream has drained: writers of large output wait for it. */
  drained(): Promise<void>
  /** Styled text if the stream shows styles, otherwise the plain text. */
  style(style: Style, text: string): string
}

export function createSink(stream: NodeJS.WriteStream, options: { noColor: boolean; dumbTerminal: boolean }): Sink {
  const isTerminal = stream.isTTY === true && !options.dumbTerminal
  const hasStyles = isTerminal && !options.noColor
  // Any printed text may be untrusted: names, tags, reasons, output. Files and pipes receive it
  // unchanged.
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
