import { expect, test } from 'vitest'
import type { ExecutionId, ExtensionId } from '../../id.ts'
import type { Operation, OperationPart } from '../operation.ts'
import {
  extensionNamesOf,
  isSequence,
  mutationKeyOf,
  operationIdentityOf,
  operationKinds,
  partOf,
  partsOf,
  rekeyOperation,
} from './operations.ts'

const part = (name: string): OperationPart => ({
  extensionId: `ext-${name}` as ExtensionId,
  extensionName: name,
  version: 1,
  parameters: {},
  parametersDigest: `digest-${name}`,
})

const operations = {
  extension: { kind: 'extension', action: 'install', ...part('web') },
  extensions: { kind: 'extensions', action: 'install', parts: [part('base'), part('web')] },
  command: {
    kind: 'command',
    type: 'RunShellScript',
    timeoutMs: 1_000,
    parameters: {},
    parametersDigest: 'digest-command',
  },
  osPackage: { kind: 'osPackage', action: 'install', installer: 'auto', names: ['curl'], timeoutMs: 1_000 },
  agentUpgrade: { kind: 'agentUpgrade', version: '0.2.0', bundles: {}, connectTimeoutMs: 1_000 },
  rollback: { kind: 'rollback', executionId: 'exec-0' as ExecutionId, parts: [part('web'), part('base')] },
} as const satisfies Record<Operation['kind'], Operation>

const { extension, extensions, command, osPackage, agentUpgrade, rollback } = operations
const executionId = 'exec-1' as ExecutionId

test('the kinds are those of the union', () => {
  expect(operationKinds).toEqual(Object.keys(operations))
})

test('a mutation of an extension, of OS packages or of the agent excludes others; commands exclude none', () => {
  expect(mutationKeyOf(extension, executionId, 0)).toBe('ext-web')
  expect(mutationKeyOf(extensions, executionId, 1)).toBe('ext-web')
  expect(mutationKeyOf(command, executionId, 0)).toBe('command-exec-1')
  expect(mutationKeyOf(rollback, executionId, 0)).toBe('ext-web')
  expect(mutationKeyOf(osPackage, executionId, 0)).toBe('os-packages')
  expect(mutationKeyOf(agentUpgrade, executionId, 0)).toBe('agent')
  expect(() => mutationKeyOf(extensions, executionId, 2)).toThrow('there is no part 2 of 2')
})

test('parts are the extensions that an operation changes', () => {
  expect(partsOf(extension)).toEqual([extension])
  expect(partsOf(extensions)).toEqual([part('base'), part('web')])
  expect([...partsOf(command), ...partsOf(osPackage)]).toEqual([])
})

test('an invocation changes the only extension, the one of its part, or none', () => {
  expect(partOf(extension, null)).toEqual(extension)
  expect(partOf(extensions, null)).toEqual(part('base'))
  expect(partOf(extensions, 1)).toEqual(part('web'))
  expect(() => partOf(extensions, 2)).toThrow('there is no part 2 of 2')
  expect(partOf(command, null)).toBeUndefined()
  expect(partOf(osPackage, null)).toBeUndefined()
})

test('only several extensions run one after the other', () => {
  expect(operationKinds.filter((kind) => isSequence(operations[kind]))).toEqual(['extensions', 'rollback'])
})

test('the identity of an operation on extensions leaves out values and options; that of a run is all of it', () => {
  expect(operationIdentityOf(extension, '')).toEqual(['extension', 'install', [['ext-web', 1]]])
  expect(operationIdentityOf(extensions, '')).toEqual([
    'extensions',
    'install',
    [
      ['ext-base', 1],
      ['ext-web', 1],
    ],
  ])
  expect(operationIdentityOf(command, 'ls')).toEqual([command, 'ls'])
  expect(operationIdentityOf(osPackage, '')).toEqual([osPackage, ''])
})

test('digests of values are replaced in every part', () => {
  const rekey = (digest: string) => `new ${digest}`
  expect(rekeyOperation(extension, rekey)).toEqual({ ...extension, parametersDigest: 'new digest-web' })
  expect(rekeyOperation(extensions, rekey)).toEqual({
    ...extensions,
    parts: [
      { ...part('base'), parametersDigest: 'new digest-base' },
      { ...part('web'), parametersDigest: 'new digest-web' },
    ],
  })
  expect(rekeyOperation(command, rekey)).toEqual({ ...command, parametersDigest: 'new digest-command' })
  expect(rekeyOperation(osPackage, rekey)).toEqual(osPackage)
  expect(rekeyOperation(agentUpgrade, rekey)).toEqual(agentUpgrade)
})

test('a request names extensions in its own order', () => {
  const named = (name: string) => ({ extension: name, parameters: {} })
  expect(extensionNamesOf({ kind: 'extension', action: 'install', ...named('web') })).toEqual(['web'])
  expect(
    extensionNamesOf({ kind: 'extensions', action: 'install', extensions: [named('web'), named('base')] }),
  ).toEqual(['web', 'base'])
  expect(extensionNamesOf(osPackage)).toEqual([])
})
