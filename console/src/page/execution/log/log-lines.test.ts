import { expect, test } from 'vitest'
import type { OutputChunk } from '../../../../../src/protocol/api/executions.ts'
import { createLogReader, findLines } from './log-lines.ts'
import { splitFound } from './split-found.ts'

const encoder = new TextEncoder()

const makeChunk = (text: string | Uint8Array, change: Partial<OutputChunk> = {}): OutputChunk => ({
  invocationId: 'inv-1',
  instanceId: 'i-1',
  instanceName: 'web-1',
  stream: 'stdout',
  offset: 0,
  at: '2026-01-01T00:00:00Z',
  data: btoa(String.fromCharCode(...(typeof text === 'string' ? encoder.encode(text) : text))),
  ...change,
})
const textsOf = (reader: ReturnType<typeof createLogReader>) => reader.lines().map(({ text }) => text)

test('a line that arrives in pieces is one line, and a new object each time it grows', () => {
  const reader = createLogReader()
  reader.add([makeChunk('one\ntw')])
  const before = reader.lines()[1]
  reader.add([makeChunk('o\n\nthree\n')])
  expect(textsOf(reader)).toEqual(['one', 'two', '', 'three'])
  expect(reader.lines().map(({ number }) => number)).toEqual([1, 2, 3, 4])
  expect(before?.text).toBe('tw')
})

test('a character split across two pieces is decoded', () => {
  const bytes = encoder.encode('é\n')
  const reader = createLogReader()
  reader.add([makeChunk(bytes.subarray(0, 1)), makeChunk(bytes.subarray(1))])
  expect(textsOf(reader)).toEqual(['é'])
})

test('streams and attempts stay separate', () => {
  const reader = createLogReader()
  reader.add([
    makeChunk('out '),
    makeChunk('err\n', { stream: 'stderr' }),
    makeChunk('again\n', { invocationId: 'inv-2' }),
    makeChunk('put\n'),
  ])
  expect(textsOf(reader)).toEqual(['out put', 'err', 'again'])
})

test('of too many lines the newest are kept, and the number of dropped ones is reported', () => {
  const reader = createLogReader(3)
  reader.add([makeChunk('1\n2\n3\n4\n5\n')])
  expect([textsOf(reader), reader.droppedLines()]).toEqual([['3', '4', '5'], 2])
  reader.add([makeChunk('6')])
  reader.add([makeChunk('7\n')])
  expect([textsOf(reader), reader.droppedLines()]).toEqual([['4', '5', '67'], 3])
})

test('a line without an end is split', () => {
  const reader = createLogReader()
  for (let piece = 0; piece < 5; piece += 1) reader.add([makeChunk('x'.repeat(10_000))])
  expect(reader.lines().every(({ text }) => text.length < 30_000)).toBe(true)
  expect(textsOf(reader).join('')).toHaveLength(50_000)
})

test('search ignores case', () => {
  expect(findLines(['Error: no', 'fine', 'an ERROR'], 'error')).toEqual([0, 2])
  expect(findLines(['x'], '')).toEqual([])
  expect(splitFound('an Error, an error', 'error')).toEqual([
    { piece: 'an ', isMatch: false },
    { piece: 'Error', isMatch: true },
    { piece: ', an ', isMatch: false },
    { piece: 'error', isMatch: true },
  ])
  expect(splitFound('nothing', '')).toEqual([{ piece: 'nothing', isMatch: false }])
})
