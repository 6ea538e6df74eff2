import { StringDecoder } from 'node:string_decoder'

/** Makes text from elsewhere harmless for a terminal. Pieces may be cut anywhere, within a character or a sequence. */
export interface TerminalText {
  write(data: string | Uint8Array): string
  /** Whether what was written left a style on. */
  readonly hasStyle: boolean
}

/** Turns every style off. */
export const resetStyle = '\u001b[0m'

/** ESC [ parameters letter (ECMA-48). What is longer than this is text. */
const maxSequenceLength = 64
const control = new RegExp(
  [
    // A whole control sequence, or a lone control character. What a piece cuts off waits in `rest`.
    `\\u001b\\[([\\u0030-\\u003f]{0,${maxSequenceLength}}[\\u0020-\\u002f]{0,4})([\\u0040-\\u007e])`,
    '\\r\\n?',
    // C0 without tab and line feed, DEL, and C1, which some terminals obey in UTF-8 as well.
    '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]',
    // They turn the direction of what follows: a line reads other than it is.
    '[\\u202a-\\u202e\\u2066-\\u2069]',
  ].join('|'),
  'gu',
)

const unfinished = new RegExp(`(?:\\u001b(?:\\[[\\u0020-\\u003f]{0,${maxSequenceLength}})?|\\r)$`, 'u')

/**
 * Of all that a terminal obeys only styles (SGR) are left: no titles, no clipboard (OSC 52), no cursor, nothing that makes it answer. The text
 * within a sequence that is no style is shown, so that nothing can hide in one. A carriage return ends the line: what was printed stays visible.
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
      // What may become a style, or a line end, with the next piece.
      const open = unfinished.exec(text)
      rest = open ? open[0] : ''
      return text.slice(0, text.length - rest.length).replaceAll(control, replace)
    },
    get hasStyle() {
      return hasStyle
    },
  }
}
