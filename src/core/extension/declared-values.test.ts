import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeclaredValues, ValueScope } from './declared-values.ts'
import { resolveParameters } from './effective-parameters.ts'
import type { ParameterDeclarations, ParameterValues } from './extension.ts'

const declarations: ParameterDeclarations = {
  port: { type: 'Number', default: 1, min: 1, max: 99 },
  token: { type: 'String', noEcho: true, default: '' },
  setup: { type: 'String', default: '', actions: ['uninstall'] },
}

const declare = (scope: ValueScope, subject: string, values: ParameterValues): DeclaredValues => ({
  scope,
  subject,
  values,
})
const resolve = (
  declared: readonly DeclaredValues[],
  { given = {}, had, reset = false }: { given?: ParameterValues; had?: ParameterValues; reset?: boolean } = {},
) =>
  resolveParameters(declarations, 'install', given, {
    installed: had && { open: had, secret: {} },
    reset,
    declared,
  })

const all = [
  declare('group', 'web', { port: 2 }),
  declare('tag', 'env=prod', { port: 3 }),
  declare('instance', 'i-1', { port: 5 }),
]

describe('the order of precedence', () => {
  test.each([
    ['default', [], {}, 1],
    ['group over default', all.slice(0, 1), {}, 2],
    ['tag over group', all.slice(0, 2), {}, 3],
    ['installed over tag', all.slice(0, 2), { had: { port: 4 } }, 4],
    ['tag, if installed values are reset', all.slice(0, 2), { had: { port: 4 }, reset: true }, 3],
    ['instance over installed', all, { had: { port: 4 } }, 5],
    ['given over instance', all, { had: { port: 4 }, given: { port: 6 } }, 6],
  ] as const)('%s', (_, declared, options, port) => {
    expect(resolve(declared, options)).toMatchObject({ values: { port }, refused: [] })
  })

  test('the order of the declarations makes no difference', () => {
    const value = fc.integer({ min: 1, max: 4 })
    const one = fc.record({
      scope: fc.constantFrom<ValueScope>('group', 'tag', 'instance'),
      subject: fc.constantFrom('a', 'b', 'c'),
      values: fc.record({ port: value }, { requiredKeys: [] }),
    })
    const installed = fc.option(fc.record({ port: value }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { selector: ({ scope, subject }) => `${scope} ${subject}` }),
        installed,
        (declared, had) => {
          const options = had === undefined ? {} : { had }
          expect(resolve(declared.toReversed(), options)).toEqual(resolve(declared, options))
        },
      ),
    )
  })

  test('a value counts exactly if no stronger one exists, and two of one rank that differ are refused', () => {
    const port = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })
    fc.assert(
      fc.property(fc.record({ given: port, instance: port, had: port, tag: port, web: port, db: port }), (values) => {
        const { given, instance, had, tag, web, db } = values
        const groups = [web, db].filter((one) => one !== undefined)
        const declared = [
          ...(instance === undefined ? [] : [declare('instance', 'i-1', { port: instance })]),
          ...(tag === undefined ? [] : [declare('tag', 'a=b', { port: tag })]),
          ...(web === undefined ? [] : [declare('group', 'web', { port: web })]),
          ...(db === undefined ? [] : [declare('group', 'db', { port: db })]),
        ]
        const options = {
          ...(given !== undefined && { given: { port: given } }),
          ...(had !== undefined && { had: { port: had } }),
        }
        const { values: resolved, refused } = resolve(declared, options)
        const stronger = given ?? instance ?? had ?? tag
        const contradicts = stronger === undefined && new Set(groups).size > 1
        expect(refused.length).toBe(contradicts ? 1 : 0)
        expect(resolved['port']).toBe(contradicts ? undefined : (stronger ?? groups[0] ?? 1))
      }),
    )
  })
})

test('groups that contradict each other are named, unless a stronger value counts', () => {
  const groups = [declare('group', 'web', { port: 2 }), declare('group', 'db', { port: 3 })]
  expect(resolve(groups).refused).toEqual([
    {
      kind: 'contradicts',
      parameter: 'port',
      sources: [
        { scope: 'group', subject: 'db' },
        { scope: 'group', subject: 'web' },
      ],
    },
  ])
  expect(resolve([...groups, declare('tag', 'a=b', { port: 4 })])).toMatchObject({ values: { port: 4 }, refused: [] })
  expect(resolve(groups, { given: { port: 5 } }).refused).toEqual([])
})

test('a value that the version refuses is never used, and a secret one neither', () => {
  expect(resolve([declare('group', 'web', { port: 100 })]).refused).toMatchObject([
    {
      kind: 'unfit',
      parameter: 'port',
      source: { scope: 'group', subject: 'web' },
      fault: { code: 'ValueAboveMaximum' },
    },
  ])
  const secret = resolve([declare('group', 'web', { token: 'visible' })])
  expect(secret.refused).toMatchObject([{ kind: 'secret', parameter: 'token' }])
  expect(JSON.stringify(secret)).not.toContain('visible')
})

test('where values come from is named; what the version or the action does not have is ignored', () => {
  const declared = [declare('group', 'web', { port: 2, setup: 'x', unknown: 'y' }), declare('instance', 'i-1', {})]
  expect(resolve(declared)).toMatchObject({
    values: { port: 2, token: '' },
    declared: [{ parameter: 'port', source: { scope: 'group', subject: 'web' } }],
  })
})
