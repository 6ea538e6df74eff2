import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveParameters, showChanges } from './effective-parameters.ts'
import type { ParameterDeclarations, ParameterValues } from './extension.ts'
import { canonicalParameters } from './parameter.ts'
import { renderValueFault } from './value-fault.ts'

const declarations: ParameterDeclarations = {
  port: { type: 'Number', default: 8080, min: 1, max: 65_535 },
  token: { type: 'String', noEcho: true, default: '' },
  setup: { type: 'String', default: 'fast', actions: ['install'] },
}
const resolve = (
  given: ParameterValues,
  installed?: { open?: ParameterValues; secret?: ParameterValues },
  { reset = false, declared = declarations, action = 'update' as 'install' | 'update' } = {},
) =>
  resolveParameters(declared, action, given, {
    installed: installed && { open: {}, secret: {}, ...installed },
    reset,
  })

test('a given value overrides an installed one, which overrides the default', () => {
  const installed = { open: { port: 9999 }, secret: { token: 'abc' } }
  expect(resolve({}, installed)).toMatchObject({
    values: { port: 9999, token: 'abc' },
    changes: [],
    missing: [],
    unfit: [],
  })
  expect(resolve({ port: 1 }, installed)).toMatchObject({
    values: { port: 1, token: 'abc' },
    changes: [{ name: 'port', from: 9999, to: 1 }],
  })
  expect(resolve({})).toMatchObject({ values: { port: 8080, token: '' }, changes: [] })
  expect(resolve({}, installed, { reset: true })).toMatchObject({
    values: { port: 8080, token: '' },
    changes: [
      { name: 'port', from: 9999, to: 8080 },
      { name: 'token', secret: true },
    ],
  })
})

test('a value that an action does not take is kept for the next install and the uninstall script', () => {
  expect(resolve({}, { open: { setup: 'slow' } }).values).toMatchObject({ setup: 'slow' })
  expect(resolve({}).values).not.toHaveProperty('setup')
  expect(resolve({}, undefined, { action: 'install' }).values).toMatchObject({ setup: 'fast' })
})

test.each([
  ['another type', { port: { type: 'String', default: '' } }, 'is not a String: 9999'],
  ['other limits', { port: { type: 'Number', default: 80, max: 5_000 } }, 'is above the maximum 5000: 9999'],
  ['another choice', { port: { type: 'Number', default: 80, allowedValues: [80, 81] } }, 'is not one of 80, 81: 9999'],
] as const)('a value that the new version refuses is named: %s', (_, declared: ParameterDeclarations, reason) => {
  const installed = { open: { port: 9999 } }
  const { unfit } = resolve({}, installed, { declared })
  expect(unfit.map(({ parameter, fault }) => [parameter, renderValueFault(fault)])).toEqual([['port', reason]])
  // Both corrections work.
  expect(resolve({}, installed, { declared, reset: true }).unfit).toEqual([])
  expect(resolve({ port: declared.port?.default ?? 0 }, installed, { declared }).unfit).toEqual([])
})

test('a removed parameter is dropped and listed; one without a value is missing', () => {
  const declared: ParameterDeclarations = { key: { type: 'String' } }
  expect(resolve({}, { open: { port: 1 } }, { declared })).toMatchObject({
    values: {},
    missing: ['key'],
    changes: [{ name: 'port', from: 1 }],
  })
  expect(resolve({}, { open: { key: 'a' } }, { declared }).missing).toEqual([])
})

test('a secret remains secret, whatever the new version declares, and appears in no message', () => {
  const declared: ParameterDeclarations = { token: { type: 'String', maxLength: 40 } }
  const kept = resolve({}, { secret: { token: 'hunter2' } }, { declared })
  expect(kept).toMatchObject({ open: {}, secret: { token: 'hunter2' } })
  const refused = resolve(
    {},
    { secret: { token: 'hunter2' } },
    { declared: { token: { type: 'String', maxLength: 3 } } },
  )
  const fault = { code: 'ValueTooLong', arguments: { maxLength: 3 } }
  expect(refused.unfit).toEqual([{ parameter: 'token', fault }])
  expect(JSON.stringify(resolve({ token: 'new' }, { secret: { token: 'hunter2' } }).changes)).not.toMatch(/hunter2|new/)
})

test('the changes are exactly the different values, and resolving again changes nothing', () => {
  const values = fc.record(
    { port: fc.integer({ min: 1, max: 3 }), setup: fc.constantFrom('a', 'b'), gone: fc.boolean() },
    { requiredKeys: [] },
  )
  const secrets = fc.record({ token: fc.constantFrom('', 'x') }, { requiredKeys: [] })
  const given = fc.record(
    { port: fc.integer({ min: 1, max: 3 }), token: fc.constantFrom('', 'x') },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(values, secrets, given, fc.boolean(), (open, secret, asked, reset) => {
      const first = resolve(asked, { open, secret }, { reset })
      const before = canonicalParameters({ ...open, ...secret })
      expect(first.changes.length === 0).toBe(before === canonicalParameters(first.values))
      const again = resolve(asked, first)
      expect(again).toMatchObject({ values: first.values, changes: [] })
      expect(showChanges(first.changes).map(({ name }) => name)).toEqual(first.changes.map(({ name }) => name))
    }),
  )
})

test('a long value is changed as a whole and shown truncated', () => {
  const declared: ParameterDeclarations = { text: { type: 'String', default: '' } }
  const long = 'x'.repeat(8_000)
  const { values, changes } = resolve({ text: `${long}y` }, { open: { text: long } }, { declared })
  expect(values).toEqual({ text: `${long}y` })
  expect(changes).toHaveLength(1)
  expect(JSON.stringify(changes).length).toBeLessThan(1_000)
})
