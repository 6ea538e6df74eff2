import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeInstance } from '../../../test/make-instance.ts'
import {
  findAmbiguous,
  findMissing,
  findTargets,
  matchTargets,
  parseSelector,
  renderSelector,
  type Targets,
  validateTargets,
} from './targets.ts'

describe('parseSelector', () => {
  test.each<[string, Targets]>([
    ['all', { kind: 'all' }],
    [' all ', { kind: 'all' }],
    ['id:i-1', { kind: 'ids', ids: ['i-1'] }],
    ['id: i-1, i-2 ,i-1,', { kind: 'ids', ids: ['i-1', 'i-2'] }],
    ['name:a,b', { kind: 'names', names: ['a', 'b'] }],
    ['name:a\\,b,c\\\\d', { kind: 'names', names: ['a,b', 'c\\d'] }],
    ['tag:env=prod', { kind: 'tags', tags: { env: 'prod' } }],
    ['tag:env=prod, tier = a=b ', { kind: 'tags', tags: { env: 'prod', tier: 'a=b' } }],
    ['tag:k=', { kind: 'tags', tags: { k: '' } }],
    ['tag:a\\=b=c', { kind: 'tags', tags: { 'a=b': 'c' } }],
    ['tag:k=v,k=v', { kind: 'tags', tags: { k: 'v' } }],
    ['tag:a\\!=c', { kind: 'tags', tags: { 'a!': 'c' } }],
    ['filter: os=debian,tag:env!=prod', { kind: 'filter', filter: 'os=debian,tag:env!=prod' }],
    ['resource-group:web:eu', { kind: 'group', group: 'web:eu' }],
    ['group:web-eu', { kind: 'savedGroup', name: 'web-eu' }],
  ])('%j', (text, targets) => {
    expect(parseSelector(text)).toEqual({ targets })
  })

  test.each([
    ['', 'it is empty'],
    ['everything', '"everything" is not one of all'],
    ['All', 'not one of'],
    ['all:x', '"all" does not accept a value'],
    ['id:', 'the instance id is missing'],
    ['id', 'the instance id is missing'],
    ['id:web-1', '"web-1" is not an instance id'],
    ['name: , ', 'the name is missing'],
    [`name:${'x'.repeat(129)}`, '129 characters; the limit is 128'],
    ['tag:env', 'the tag "env" has no value; use KEY=VALUE'],
    ['tag:env!=prod', 'use filter:tag:env!=prod'],
    ['tag:team=web,env !=prod', 'tag selectors support only ='],
    ['tag:env~=prod', 'tag selectors support only ='],
    ['filter:', 'the filter has no condition'],
    ['filter:color=red', 'the filter: "color" is not one of'],
    ['tag:', 'has no value'],
    ['tag:=v', 'a tag key is empty'],
    ['tag:k=a,k=b', 'cannot have two values'],
    ['group:', 'the name of the group is missing'],
    ['group:a,b', 'only one group is allowed'],
    ['group:a b', '"a b" is not the name of a group'],
    ['resource-group:', 'a resource group is empty'],
    ['resource-group:a\0', 'contains a NUL'],
    ['tag:k=\ud800', 'an incomplete character'],
    ['file:ids.csv', 'only the CLI reads files'],
    [`id:${Array.from({ length: 100_001 }, (_, index) => `i-${index}`).join(',')}`, '100001 entries'],
  ])('%.30s is refused: %s', (text, part) => {
    const parsed = parseSelector(text)
    expect('problem' in parsed && parsed.problem).toContain(part)
  })

  test('validateTargets applies the same rules to targets that are not text', () => {
    expect(validateTargets({ kind: 'tags', tags: {} })).toBe('the tags are missing')
    const tags = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, 'v']))
    expect(validateTargets({ kind: 'tags', tags })).toContain('the limit for an instance is 32')
    expect(validateTargets({ kind: 'all' })).toBeUndefined()
  })
})

describe('matching', () => {
  const web = makeInstance({ id: 'i-1', name: 'web', tags: { env: 'prod', tier: 'a' }, resourceGroup: 'shop' })
  const db = makeInstance({ id: 'i-2', name: 'db', tags: { env: 'prod' } })

  test.each<[string, boolean, boolean]>([
    ['all', true, true],
    ['id:i-2,i-3', false, true],
    ['name:web', true, false],
    ['tag:env=prod', true, true],
    ['tag:env=prod,tier=a', true, false],
    ['tag:env=Prod', false, false],
    ['tag:toString=', false, false],
    ['resource-group:shop', true, false],
  ])('%s', (text, first, second) => {
    const parsed = parseSelector(text)
    if ('problem' in parsed) throw new Error(parsed.problem)
    const { targets } = parsed
    if (targets.kind === 'filter' || targets.kind === 'savedGroup') throw new Error('the store evaluates filters')
    expect([web, db].map((instance) => matchTargets(targets, instance))).toEqual([first, second])
    expect(findTargets(targets, [web, db]).found).toEqual([...(first ? [web] : []), ...(second ? [db] : [])])
  })

  test('names the requested instances that do not exist', () => {
    expect(findTargets({ kind: 'ids', ids: ['i-9', 'i-1', 'i-8'] }, [db, web])).toEqual({
      found: [web],
      missing: ['i-9', 'i-8'],
    })
    expect(findMissing({ kind: 'names', names: ['db', 'no'] }, [db])).toEqual(['no'])
    expect(findMissing({ kind: 'tags', tags: { a: 'b' } }, [])).toEqual([])
  })
})

test('a name of several instances is reported with them; other targets may match several', () => {
  const twins = ['i-1', 'i-2'].map((id) => makeInstance({ id, name: 'twin' }))
  const all = [...twins, makeInstance({ id: 'i-3', name: 'one' })]
  expect(findAmbiguous({ kind: 'names', names: ['twin', 'one'] }, all)).toEqual([{ name: 'twin', instances: twins }])
  expect(findAmbiguous({ kind: 'ids', ids: ['i-1', 'i-2'] }, twins)).toEqual([])
  expect(findAmbiguous({ kind: 'all' }, all)).toEqual([])
})

describe('properties', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', 'B', ',', '=', '\\', ' ', '\t', ':', '-', 'é', '😀', '\n'),
    minLength: 1,
    maxLength: 8,
  })
  const id = fc.string({ unit: fc.constantFrom('0', 'a', 'z'), minLength: 1, maxLength: 5 }).map((body) => `i-${body}`)
  const targets: fc.Arbitrary<Targets> = fc.oneof(
    fc.constant<Targets>({ kind: 'all' }),
    fc.uniqueArray(id, { minLength: 1 }).map((ids): Targets => ({ kind: 'ids', ids })),
    fc.uniqueArray(word, { minLength: 1 }).map((names): Targets => ({ kind: 'names', names })),
    fc
      .dictionary(word, fc.oneof(word, fc.constant('')), { minKeys: 1, maxKeys: 5, noNullPrototype: true })
      .map((tags): Targets => ({ kind: 'tags', tags })),
    word.map((group): Targets => ({ kind: 'group', group })),
    fc.constantFrom('web', 'eu-1.web_2').map((name): Targets => ({ kind: 'savedGroup', name })),
  )

  test('a rendered selector is parsed to the same targets', () => {
    fc.assert(
      fc.property(targets, (given) => {
        expect(parseSelector(renderSelector(given))).toEqual({ targets: given })
      }),
      { numRuns: 5_000 },
    )
  })

  test('any text gets a result, and an accepted one renders to an equivalent text', () => {
    const text = fc
      .tuple(
        fc.constantFrom('', 'all', 'id:', 'name:', 'tag:', 'group:', 'resource-group:', 'tag:a='),
        fc.oneof(word, fc.string()),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseSelector(given)
        if ('targets' in parsed) expect(parseSelector(renderSelector(parsed.targets))).toEqual(parsed)
      }),
      { numRuns: 5_000 },
    )
  })
})
