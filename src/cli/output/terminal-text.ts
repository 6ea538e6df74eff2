import { StringDecoder } from 'node:string_decoder'

/**
 * Makes untrusted text safe for a terminal. Chunks may end anywhere, within a character or a
 * sequence.
 */
export interface TerminalText {
  write(data: string | Uint8Array): string
  /** Whether the text so far left a style on. */
  readonly hasStyle: boolean
}

/** Resets all styles. */
export const resetStyle = '\u001b[0m'

/** ESC [ parameters letter (ECMA-48). A longer sequence is text. */
const maxSequenceLength = 64
const control = new RegExp(
  [
    // A whole control sequence, or a single control character. An incomplete one at the end of a
    // chunk stays in `rest`.
    `\\u001b\\[([\\u0030-\\u003f]{0,${maxSequenceLength}}[\\u0020-\\u002f]{0,4})([\\u0040-\\u007e])`,
    '\\r\\n?',
    // C0 except tab and line feed, DEL, and C1, which some terminals also interpret in UTF-8.
    '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]',
    // Bidirectional controls can make a line read differently from its content.
    '[\\u202a-\\u202e\\u2066-\\u2069]',
  ].join('|'),
  'gu',
)

const unfinished = new RegExp(`(?:\\u001b(?:\\[[\\u0020-\\u003f]{0,${maxSequenceLength}})?|\\r)$`, 'u')

/**
 * Of all terminal control only styles (SGR) pass: no titles, no clipboard (OSC 52), no cursor
 * movement, no query that the terminal answers. The text of any other sequence is shown, so that
 * nothing can hide in one. A carriage return becomes a line end: earlier text stays visible.
 */
export function createTerminalText(): TerminalText {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let hasStyle = false

  const replace = (found: string, parameters: string | undefined, final: string | undefined) => {
    if (found.startsWith('\r')) return '\n'
    if (final !== 'm' || !/^[0-9;:]*$/.test(parameters ?? '')) return ''
    hasStyle = !/^0*$/.test(parameters ?? '')
    return found
  }

  return {
    write(data) {
      const text = rest + (typeof data === 'string' ? data : decoder.write(Buffer.from(data)))
      // Prefix of a style or a line end that the next chunk may complete.
      const open = unfinished.exec(text)
      rest = open ? open[0] : ''
      return text.slice(0, text.length - rest.length).replaceAll(control, replace)
    },
    get hasStyle() {
      return hasStyle
    },
  }
}
