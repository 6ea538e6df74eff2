import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAnsi, stripAnsi } from './ansi-spans.ts'

const esc = '\u001b'

describe('colours', () => {
  test.each([
    ['plain', 'plain', ['']],
    [`${esc}[31mred${esc}[0m text`, 'red text', ['ansi-red-fg', '']],
    [`${esc}[1;32mok`, 'ok', ['ansi-green-fg ansi-bold']],
    [`${esc}[91;44mx`, 'x', ['ansi-bright-red-fg ansi-blue-bg']],
    [`${esc}[38;5;196mx`, 'x', ['ansi-red-fg']],
    [`${esc}[38;5;250mx`, 'x', ['ansi-white-fg']],
    [`${esc}[38;2;20;200;30mx`, 'x', ['ansi-green-fg']],
    [`${esc}[38;2;240;240;10mx`, 'x', ['ansi-yellow-fg']],
  ])('%j', (line, text, classes) => {
    const spans = parseAnsi(line)
    expect(spans.map((span) => span.text).join('')).toBe(text)
    expect(spans.map(({ className }) => className)).toEqual(classes)
    expect(stripAnsi(line)).toBe(text)
  })
})

describe('control sequences', () => {
  test.each([
    [`${esc}[2K${esc}[1Gdone`, 'done'],
    [`${esc}]0;title\u0007done`, 'done'],
    [`${esc}]8;;https://example.org${esc}\\link${esc}]8;;${esc}\\`, 'link'],
    ['10 %\r50 %\r100 %\r', '100 %'],
    [`${esc}(Bdone\u0008\u0000`, 'done'],
  ])('%j produces no text', (line, text) => {
    expect(
      parseAnsi(line)
        .map((span) => span.text)
        .join(''),
    ).toBe(text)
    expect(stripAnsi(line)).toBe(text)
  })

  test('markup stays plain text', () => {
    const line = '<img src=x onerror=alert(1)> &amp; https://example.org'
    expect(parseAnsi(line)).toEqual([{ text: line, className: '' }])
    expect(parseAnsi(`${esc}[31m${line}`)).toEqual([{ text: line, className: 'ansi-red-fg' }])
  })

  test('for any output, classes are known ones and the text contains no control sequence', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(esc, `${esc}[`, `${esc}[38;5;`, '200', 'm', ';', `${esc}]`))
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        for (const { text, className } of parseAnsi(pieces.join(''))) {
          expect(text).not.toContain(esc)
          expect(className).toMatch(/^(?:ansi-[a-z]+(?:-[a-z]+){0,2} ?)*$/)
        }
      }),
    )
  })
})
