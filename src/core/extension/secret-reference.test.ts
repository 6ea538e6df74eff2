import { expect, test } from 'vitest'
import { resolveParameters } from './effective-parameters.ts'
import type { ParameterDeclarations } from './extension.ts'
import { findValueFault, maskParameters, splitSecrets } from './parameter.ts'
import { findSecretName, listSecretNames, resolveReferences } from './secret-reference.ts'

const declarations: ParameterDeclarations = {
  token: { type: 'String', noEcho: true, pattern: '^[0-9]+$', minLength: 20 },
  name: { type: 'String', default: '' },
  pin: { type: 'Number', noEcho: true, default: 0 },
}

test('a reference is secret: and a name, and nothing else', () => {
  expect(findSecretName('secret:db-1.a_b')).toBe('db-1.a_b')
  for (const other of [
    'secret:',
    'secret: x',
    'secret:a/b',
    'Secret:a',
    ' secret:a',
    'secret:a\n',
    `secret:${'a'.repeat(65)}`,
    7,
  ])
    expect(findSecretName(other), String(other)).toBeUndefined()
})

test('only a secret text takes a reference; limits are those of the secret, not of the reference', () => {
  expect(findValueFault(declarations['token']!, 'secret:db')).toBeUndefined()
  expect(findValueFault(declarations['token']!, 'secret:not a name')).toMatchObject({ code: 'ValueTooShort' })
  expect(findValueFault(declarations['name']!, 'secret:db')).toMatchObject({ code: 'ValueReferencesSecret' })
  expect(findValueFault(declarations['pin']!, 'secret:db')).toMatchObject({ code: 'ValueNotNumber' })
})

test('a reference is shown, and the value beside it is not', () => {
  const values = { token: 'secret:db', pin: 7 }
  expect(splitSecrets(declarations, values)).toEqual({ open: { token: 'secret:db' }, secret: { pin: 7 } })
  expect(maskParameters(declarations, values)).toEqual({ token: 'secret:db', pin: '******' })
  expect(resolveParameters(declarations, 'install', values, { installed: undefined, reset: false })).toMatchObject({
    open: { token: 'secret:db', name: '' },
    secret: { pin: 7 },
  })
})

test('a group may declare a reference for a secret parameter', () => {
  const declared = [{ scope: 'group', subject: 'web', values: { token: 'secret:db' } }] as const
  const resolved = resolveParameters(declarations, 'install', {}, { installed: undefined, reset: false, declared })
  expect(resolved).toMatchObject({ open: { token: 'secret:db' }, refused: [] })
})

test('references are replaced by their secrets', () => {
  const values = { token: 'secret:db', other: 'secret:db', port: 1 }
  expect(listSecretNames(values)).toEqual(['db'])
  expect(resolveReferences(values, (name) => `value of ${name}`)).toEqual({
    token: 'value of db',
    other: 'value of db',
    port: 1,
  })
})
