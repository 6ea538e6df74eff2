import { expect, test } from 'vitest'
import { fromTokens, toExecutionQuery, toTokens } from './executions-filter.ts'

const token = (propertyKey: string, value: string) => ({ propertyKey, operator: '=', value })

test('tokens and the address say the same', () => {
  const filter = { status: 'Failed', extension: 'demo', tags: ['env=prod', 'tier=web'] }
  expect(fromTokens(toTokens(filter))).toEqual(filter)
  expect(toExecutionQuery(filter)).toEqual({ status: 'Failed', extension: 'demo', tag: 'env=prod,tier=web' })
})

test('the last status counts, free text is an extension, and what is no tag is left out', () => {
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

test('an address that was typed asks for nothing that the server does not know', () => {
  expect(toExecutionQuery({ status: 'Broken', extension: '', tags: [] })).toEqual({
    status: undefined,
    extension: undefined,
    tag: undefined,
  })
})
