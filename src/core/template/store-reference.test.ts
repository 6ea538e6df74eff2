import { expect, test } from 'vitest'
import { checkScriptText } from '../extension/check-script-text.ts'
import { validateDeclarations, validateParameters } from '../extension/parameter.ts'
import { validateVersion } from '../extension/validate-version.ts'
import { findStoreReference } from './store-reference.ts'

const references = [
  '{{oos-secret:db}}',
  '{{oos:db}}',
  '{{ oos-secret : app/db.key-1 }}',
  '{{\n oos:x }}',
  '{{OOS:x}}',
  '{{oos:}}',
]

test.each(references)('%j is found with its position', (text) => {
  expect(findStoreReference(`echo ${text}; ls`)).toEqual({ text, start: 5 })
})

test.each(['{{ oos }}', '{{oosx:db}}', '{oos:db}', '{{ACS::RegionId}}', '{{oos:', 'oos-secret:db', '{{oos:{{x}}'])(
  '%j is not one',
  (text) => {
    expect(findStoreReference(text)).toBeUndefined()
  },
)

test('a long text takes linear time', () => {
  const started = performance.now()
  for (const piece of ['{{oos:', '{{ ', '{{', '{{oos ', '{{oos:x}']) findStoreReference(piece.repeat(200_000))
  expect(performance.now() - started).toBeLessThan(1_000)
})

test.each(['linux', 'windows'] as const)('the problem in scripts for %s includes the position', (os) => {
  expect(checkScriptText('#!/bin/sh\necho {{oos:db}}\n', os)).toMatchObject([
    {
      line: 2,
      column: 6,
      severity: 'error',
      message: expect.stringContaining('{{oos:db}} refers to the parameter store'),
    },
  ])
})

test('values and defaults are refused, and a secret one is not shown', () => {
  const declarations = { token: { type: 'String', noEcho: true }, port: { type: 'Number' } } as const
  const validation = validateParameters(declarations, 'install', { token: 'a{{oos-secret:db}}', port: 1 })
  expect(validation).toMatchObject({ problems: [{ name: 'token', code: 'ParameterInvalid' }] })
  expect(JSON.stringify(validation)).not.toContain('oos-secret')
  expect(validateDeclarations({ token: { type: 'String', default: '{{oos:db}}' } })).toMatchObject([
    { name: 'token', field: 'default', message: expect.stringContaining('parameter store') },
  ])
})

test('scripts of versions and of their checks are refused', () => {
  const text = '#!/bin/sh\necho {{oos:db}}\n'
  const configuration = { id: 'c1', os: 'linux', arch: 'any', run: { unpack: false } } as const
  const problemsOf = (fields: object) =>
    validateVersion({ scope: {}, parameters: {}, configurations: [{ ...configuration, scripts: {}, ...fields }] })
  for (const kind of ['install', 'uninstall', 'update', 'output']) {
    const scripts = { install: '#!/bin/sh\n', [kind]: text }
    expect(problemsOf({ scripts })).toMatchObject([{ path: ['configurations', 0, 'scripts', kind] }])
  }
  const verify = [{ kind: 'script', script: text, withinMs: 1_000 }]
  expect(problemsOf({ scripts: { install: '#!/bin/sh\n' }, verify })).toMatchObject([
    { path: ['configurations', 0, 'verify', 0, 'script'] },
  ])
})
