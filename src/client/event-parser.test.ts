import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEventParser, type ServerEvent } from './event-parser.ts'

const parse = (...pieces: string[]): ServerEvent[] => pieces.flatMap(createEventParser())

describe('events', () => {
  test('have a name, data and the last id', () => {
    expect(parse('id: 7\nevent: tasks\ndata: [1]\n\ndata: a\ndata: b\n\n')).toEqual([
      { name: 'tasks', data: '[1]', id: '7' },
      { name: 'message', data: 'a\nb', id: '7' },
    ])
  })

  test('ignore comments, unknown fields and events without data', () => {
    expect(parse(': still here\n\nretry: 5\nevent: x\n\ndata\n\n')).toEqual([
      { name: 'message', data: '', id: undefined },
    ])
  })

  test('are delivered only when complete', () => {
    expect(parse('data: half\n')).toEqual([])
  })

  test('beyond the limit are an error, in one line or in many', () => {
    for (const line of ['data: abcdefgh', 'data: abc\n'.repeat(3)]) {
      const parse = createEventParser(10)
      expect(() => parse(line)).toThrow('an event is longer than 10 characters')
    }
    expect(createEventParser(10)('data: abc\n\n'.repeat(3))).toHaveLength(3)
  })

  test('do not depend on chunk boundaries and line ends', () => {
    const line = fc.constantFrom('data: one', 'data:two', 'event: tasks', 'id: 3', ': ping', '', '')
    const end = fc.constantFrom('\n', '\r\n', '\r')
    fc.assert(
      fc.property(fc.array(line), end, fc.infiniteStream(fc.nat(5)), (lines, lineEnd, cuts) => {
        const text = `${lines.join('\n')}\n\n`
        const pieces: string[] = []
        let rest = text.replaceAll('\n', lineEnd)
        for (const length of cuts) {
          if (rest === '') break
          pieces.push(rest.slice(0, length + 1))
          rest = rest.slice(length + 1)
        }
        expect(parse(...pieces)).toEqual(parse(text))
      }),
    )
  })
})
