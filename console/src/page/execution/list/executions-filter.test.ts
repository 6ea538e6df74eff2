import { expect, test } from 'vitest'
import { fromTokens, toExecutionQuery, toTokens } from './executions-filter.ts'

const token = (propertyKey: string, value: string) => ({ propertyKey, operator: '=', value })

test('tokens and the address convert to each other', () => {
  const filter = { status: 'Failed', extension: 'demo', tags: ['env=prod', 'tier=web'] }
  expect(fromTokens(toTokens(filter))).toEqual(filter)
  expect(toExecutionQuery(filter)).toEqual({ status: 'Failed', extension: 'demo', tag: 'env=prod,tier=web' })
})

test('the last status applies, free text is an extension, and malformed tags are ignored', () => {
  const filter = fromTokens([
    token('status', 'Failed'),
    token('status', 'Running'),
    { operator: ':', value: 'demo' },
    token('tag', 'nonsense'),
    token('tag', 'env=test'),
    token('tag', 'env=prod'),
  ])
  expect(filter).toEqual({ status: 'Running', extension: 'demo', tags: ['env=prod'] })
})

test('invalid values of an edited address are ignored', () => {
  expect(toExecutionQuery({ status: 'Broken', extension: '', tags: [] })).toEqual({
    status: undefined,
    extension: undefined,
    tag: undefined,
  })
})
