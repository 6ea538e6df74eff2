import { expect, test } from 'vitest'
import { readTags } from './read-tags.ts'

test('one tag on a line', () => {
  expect(readTags('env=prod\n\n team = a=b \nempty=')).toEqual({ tags: { env: 'prod', team: 'a=b', empty: '' } })
  expect(readTags('')).toEqual({ tags: {} })
})

test.each(['env', '=prod', ' =x'])('%j is not a tag', (line) => {
  expect(readTags(`a=b\n${line}`)).toEqual({ wrongLine: line.trim() })
})
