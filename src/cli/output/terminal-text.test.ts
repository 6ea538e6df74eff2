import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSink } from './sink.ts'
import { createTerminalText } from './terminal-text.ts'

const clean = (...pieces: (string | Uint8Array)[]) => {
  const text = createTerminalText()
  return pieces.map((piece) => text.write(piece)).join('')
}

test.each([
  [
    'styles stay',
    '\u001b[1;31mred\u001b[0m \u001b[38:2::1:2:3mrgb\u001b[m',
    '\u001b[1;31mred\u001b[0m \u001b[38:2::1:2:3mrgb\u001b[m',
  ],
  ['titles', '\u001b]0;owned\u0007x', ']0;ownedx'],
  ['the clipboard', '\u001b]52;c;cm0gLXJmIC8=\u001b\\x', ']52;c;cm0gLXJmIC8=\\x'],
  ['clearing, moving, asking', 'a\u001b[2J\u001b[1A\u001b[5n\u001b[?1049h\u001b[>4;2mb', 'ab'],
  ['C1 in UTF-8', 'a\u009b2Jb\u009d0;x\u009cc', 'a2Jb0;xc'],
  ['device control and single shifts', '\u001bPq\u001b\\\u001bc\u001b7', 'Pq\\c7'],
  ['bells, backspaces, form feeds', 'a\u0007\b\f\u007fb', 'ab'],
  ['returns end the line', 'good\rbad\r\nnext\n', 'good\nbad\nnext\n'],
  ['turned directions', 'a\u202eb\u2066c', 'abc'],
  ['tabs, line feeds and all of Unicode', 'a\tb\n中 🚢 é', 'a\tb\n中 🚢 é'],
])('%s', (_, text, expected) => expect(clean(text)).toBe(expected))

test('bytes that are not text are marked, and so are 8-bit controls', () => {
  expect(clean(Buffer.from([0x61, 0x9b, 0x32, 0x4a]))).toBe('a\ufffd2J')
})

test('chunk boundaries do not change the result, and a terminal receives only styles', () => {
  const piece = fc.oneof(
    fc.constantFrom('\u001b', '[', ']', '0', ';', 'm', 'J', '\u009b', '\r', '\n', '\u0007', 'é', '🚢', '?', ' ', 'x'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(200), { maxLength: 10 }), (pieces, cuts) => {
      const bytes = Buffer.from(`${pieces.join('')}.`)
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length]
      const parts = places.slice(1).map((place, index) => bytes.subarray(places[index], place))
      const whole = clean(bytes)
      expect(clean(...parts)).toBe(whole)
      // oxlint-disable-next-line no-control-regex
      expect(whole.replaceAll(/\u001b\[[0-9;:]*m/g, '')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  [true, '\u001b[31mred]0;owned', '\u001b[0m'],
  [false, '\u001b[31mred\u001b]0;owned\u0007', ''],
])('a sink cleans only the text for a terminal (%s)', (isTTY, printed, ended) => {
  const chunks: unknown[] = []
  const stream = { isTTY, write: (chunk: unknown) => chunks.push(chunk) > 0 } as unknown as NodeJS.WriteStream
  const sink = createSink(stream, { noColor: true, dumbTerminal: false })
  sink.write(Buffer.from('\u001b[31mred\u001b]0;owned\u0007'))
  expect(chunks.map(String).join('')).toBe(printed)
  sink.endStyle()
  expect(chunks.slice(1).map(String).join('')).toBe(ended)
})
