import Anser from 'anser'

/** A styled part of a line; classes are in executions.css. */
export interface Span {
  readonly text: string
  readonly className: string
}

const escape = '\u001b'
/**
 * Terminal titles, links, cursor movements and other non-colour sequences: none of them is text.
 */
const orders = new RegExp(
  `${escape}(?:\\][^\\u0007${escape}]*(?:\\u0007|${escape}\\\\)?|\\[[0-9;?]*[ -/]*[@-ln-~]|[()][A-Z0-9]|[=>78cDEHM])`,
  'g',
)
/** Non-printing characters. */
// The expression must match control characters.
// oxlint-disable-next-line no-control-regex
const unreadable = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001a\\u001c-\\u001f\\u007f]`, 'g')

/**
 * Converts a line of script output to styled text. It never becomes HTML: React renders each part
 * as a text node. Colours map to the sixteen terminal colours, which the style sheet defines for
 * light and dark, so that scripts cannot print white on white.
 */
export function parseAnsi(line: string): readonly Span[] {
  const clean = lastPrinted(line).replace(orders, '').replace(unreadable, '')
  if (!clean.includes(escape)) return clean === '' ? [] : [{ text: clean, className: '' }]
  return Anser.ansiToJson(clean, { json: true, use_classes: true, remove_empty: true }).map((entry) => ({
    text: entry.content.replaceAll(escape, ''),
    className: [
      colourClass(entry.fg, entry.fg_truecolor, 'fg'),
      colourClass(entry.bg, entry.bg_truecolor, 'bg'),
      ...entry.decorations.map((decoration) => `ansi-${decoration}`),
    ]
      .filter((name) => name !== '')
      .join(' '),
  }))
}

/** The line without colours, for search, copy and comparison. */
export const stripAnsi = (line: string): string =>
  lastPrinted(line).replace(orders, '').replace(colours, '').replace(unreadable, '').replaceAll(escape, '')
const colours = new RegExp(`${escape}\\[[0-9;:]*m`, 'g')

/** For overwritten lines (progress bars), keeps the final text. */
const lastPrinted = (line: string): string => line.replace(/\r+$/, '').split('\r').at(-1) ?? ''

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const

function colourClass(name: string | null, trueColour: string | null, place: 'fg' | 'bg'): string {
  if (!name) return ''
  const [, palette] = /^ansi-palette-(\d+)$/.exec(name) ?? []
  if (palette !== undefined) return `ansi-${nearestName(paletteColour(Number(palette)))}-${place}`
  if (name === 'ansi-truecolor') return `ansi-${nearestName((trueColour ?? '').split(',').map(Number))}-${place}`
  return `${name}-${place}`
}

/** RGB of the 256 xterm colours: a cube of six steps, then greys. */
function paletteColour(index: number): readonly number[] {
  if (index >= 232) return Array.from({ length: 3 }, () => 8 + (index - 232) * 10)
  const steps = index - 16
  return [Math.floor(steps / 36), Math.floor(steps / 6) % 6, steps % 6].map((step) => (step === 0 ? 0 : 55 + step * 40))
}

/** Maps to eight colours: a channel is on if it is nearer to the strongest channel than to zero. */
function nearestName(colour: readonly number[]): string {
  const strongest = Math.max(...colour)
  const weakest = Math.min(...colour)
  if (!(strongest - weakest > 40)) return strongest > 140 ? 'white' : 'black'
  const bits = colour.reduce((sum, part, place) => sum + (part > (strongest + weakest) / 2 ? 2 ** place : 0), 0)
  return names[bits] ?? 'white'
}
