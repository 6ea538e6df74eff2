import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseInstanceFilter, renderInstanceFilter } from '../../../../../src/core/instance/instance-filter.ts'
import { listFilterTokens, operatorsOf, readFilterTokens, tagKeysOf, withStatus } from './filter-tokens.ts'

test('conditions of an address convert to tokens and back', () => {
  const filter = 'status=online,os!=debian,name~web,tag:env!~pro,extension=demo@v2,broken=*'
  const { tokens } = listFilterTokens({ filter, search: '10.0.' })
  expect(tokens).toEqual([
    { propertyKey: 'status', operator: '=', value: 'online' },
    { propertyKey: 'os', operator: '!=', value: 'debian' },
    { propertyKey: 'name', operator: ':', value: 'web' },
    { propertyKey: 'tag:env', operator: '!:', value: 'pro' },
    { propertyKey: 'extension', operator: '=', value: 'demo@v2' },
    { propertyKey: 'broken', operator: '=', value: '*' },
    { operator: ':', value: '10.0.' },
  ])
  expect(readFilterTokens(tokens)).toEqual({ filter, search: '10.0.' })
  expect(tagKeysOf(tokens)).toEqual(['env'])
})

test('any tag key and value survives the address', () => {
  const word = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() === text)
  fc.assert(
    fc.property(word, word, (key, value) => {
      const read = readFilterTokens([{ propertyKey: `tag:${key}`, operator: '=', value }])
      const filter = 'filter' in read ? read.filter : ''
      expect(parseInstanceFilter(filter)).toEqual({ tokens: [{ property: 'tag', key, operator: '=', value }] })
      expect(filter).toBe(renderInstanceFilter([{ property: 'tag', key, operator: '=', value }]))
    }),
  )
})

test('invalid tokens are reported, and the last of several texts applies', () => {
  expect(readFilterTokens([{ propertyKey: 'status', operator: '=', value: 'asleep' }])).toEqual({
    problem: 'a status is online or offline',
  })
  expect(listFilterTokens({ filter: 'colour=red', search: 'web' })).toMatchObject({
    tokens: [{ operator: ':', value: 'web' }],
    problem: expect.stringContaining('"colour" is not one of'),
  })
  const texts = ['web', ' db '].map((value) => ({ operator: ':', value }))
  expect(readFilterTokens(texts)).toEqual({ filter: '', search: 'db' })
})

test('the server accepts each offered operator', () => {
  for (const propertyKey of ['status', 'name', 'tag:env', 'extension', 'broken'])
    for (const operator of operatorsOf(propertyKey))
      expect(readFilterTokens([{ propertyKey, operator, value: 'online' }])).toHaveProperty('filter')
})

test('the status of a link becomes a condition', () => {
  expect(withStatus({ filter: '', search: '' }, 'online')).toEqual({ filter: 'status=online', search: '' })
  expect(withStatus({ filter: 'os=debian', search: 'a' }, 'offline')).toEqual({
    filter: 'os=debian,status=offline',
    search: 'a',
  })
  expect(withStatus({ filter: 'os=debian', search: '' }, 'asleep')).toEqual({ filter: 'os=debian', search: '' })
})
