import { expect, test } from 'vitest'
import type { ParameterDeclarations } from '../../../../../src/core/extension/extension.ts'
import { listDeclarations, readParameterTexts } from './read-parameter-texts.ts'

const declarations: ParameterDeclarations = {
  greeting: { type: 'String', default: 'hello', maxLength: 10 },
  port: { type: 'Number', max: 65_535 },
  tls: { type: 'Boolean', default: false },
  password: { type: 'String', noEcho: true, minLength: 8 },
  purge: { type: 'Boolean', default: false, actions: ['uninstall'] },
}
const good = { port: '8080', tls: 'true', password: 'long enough' }

test('texts are converted to their types; empty texts keep the default', () => {
  expect(readParameterTexts(declarations, 'install', { ...good, greeting: '' })).toEqual({
    values: { port: 8080, tls: true, password: 'long enough' },
    problems: {},
  })
})

test('every invalid field is reported once, with a reason that contains no secret', () => {
  const { problems } = readParameterTexts(declarations, 'install', {
    greeting: 'much too long a greeting',
    port: 'eighty',
    password: 'short',
  })
  expect(Object.keys(problems).toSorted()).toEqual(['greeting', 'password', 'port'])
  expect(problems['port']).toEqual({ code: 'invalid', reason: 'must be a number; "eighty" is none' })
  expect(problems['password']?.reason).not.toContain('short"')
  expect(readParameterTexts(declarations, 'install', {}).problems['port']?.code).toBe('missing')
})

test('parameters of another version or action are not sent', () => {
  expect(readParameterTexts(declarations, 'install', { ...good, purge: 'true', gone: 'x' }).values).not.toHaveProperty(
    'purge',
  )
  expect(listDeclarations(declarations, 'uninstall').map(([name]) => name)).toEqual(['purge'])
})

test('required fields come first', () => {
  const names = listDeclarations(declarations, 'install').map(([name]) => name)
  expect(names).toEqual(['password', 'port', 'greeting', 'tls'])
})

test('with kept values, an update has no missing parameters', () => {
  const declarations = { token: { type: 'String', noEcho: true }, port: { type: 'Number' } } as const
  const { values, problems } = readParameterTexts(declarations, 'update', { port: '81' }, { keeps: true })
  expect([values, problems]).toEqual([{ port: 81 }, {}])
  expect(Object.keys(readParameterTexts(declarations, 'update', { port: '81' }).problems)).toEqual(['token'])
})
