import { expect, test } from 'vitest'
import { data } from '../../i18n/en/data.ts'
import { readTagLines, writeTagLines } from './tag-lines.ts'

const read = (text: string) => readTagLines(text, data.tags)

test('tags are formatted as lines and parsed back', () => {
  const tags = { env: 'prod', url: 'a=b', empty: '' }
  expect(read(writeTagLines(tags))).toEqual({ tags })
  expect(read('\n env = prod \n\n')).toEqual({ tags: { env: 'prod' } })
  expect(read('')).toEqual({ tags: {} })
})

test('malformed, duplicate and too many tags are reported', () => {
  expect(read('env=prod\nproduction')).toEqual({ problem: '"production" does not have the form name=value.' })
  expect(read('=prod')).toMatchObject({ problem: expect.stringContaining('"=prod"') })
  expect(read('env=prod\nenv=test')).toEqual({ problem: 'The tag "env" is duplicated.' })
  expect(read(`env=${'x'.repeat(129)}`)).toMatchObject({ problem: expect.stringContaining('"env" is too long') })
  expect(read(Array.from({ length: 33 }, (_, index) => `t${index}=`).join('\n'))).toEqual({
    problem: 'You can set up to 32 tags.',
  })
})
