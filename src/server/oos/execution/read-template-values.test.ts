import { expect, test } from 'vitest'
import { findPublicTemplate } from '../public-template/public-templates.ts'
import { readTemplateValues, type TemplateValues } from './read-template-values.ts'

const read = (name: string, given: TemplateValues) => {
  const template = findPublicTemplate(name)
  if (!template) throw new Error(`there is no ${name}`)
  return readTemplateValues(template, given)
}
const command = 'ACS-ECS-BulkyRunCommand'
const targets = { Type: 'All' }

test('an absent parameter gets its default, and null counts as absent', () => {
  expect(read(command, { commandContent: 'true', targets, workingDir: null })).toEqual({
    regionId: '{{ ACS::RegionId }}',
    resourceType: 'ALIYUN::ECS::Instance',
    targets,
    commandType: 'RunShellScript',
    commandContent: 'true',
    workingDir: '',
    timeout: 600,
    enableParameter: false,
    username: '',
    windowsPasswordName: '',
    rateControl: { Mode: 'Concurrency', MaxErrors: 0, Concurrency: 10 },
    OOSAssumeRole: '',
  })
})

test('numbers, booleans and JSON may be given as text', () => {
  const given = { commandContent: 1, targets: JSON.stringify(targets), timeout: '60', enableParameter: 'True' }
  expect(read(command, given)).toMatchObject({ commandContent: '1', targets, timeout: 60, enableParameter: true })
  const packageInfo = '[{"packageName":"demo"}]'
  expect(read('ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL', { packageInfo })).toMatchObject({
    packageInfo: [{ packageName: 'demo' }],
  })
})

test.each([
  ['an unknown parameter', { speed: 1 }, 'Parameters.speed is not a parameter of'],
  ['a value that is not allowed', { commandType: 'RunRuby' }, 'Parameters.commandType must be one of RunShellScript'],
  ['an invalid text', { workingDir: {} }, 'Parameters.workingDir must be a text'],
  ['a text that is too long', { commandContent: 'x'.repeat(16_385) }, 'at most 16384 characters'],
  ['an invalid number', { timeout: 'long' }, 'Parameters.timeout must be a number'],
  ['an invalid boolean', { enableParameter: 'perhaps' }, 'Parameters.enableParameter must be true or false'],
  ['invalid JSON', { targets: '{' }, 'Parameters.targets must be JSON'],
])('%s is refused', (_, given, message) => {
  expect(() => read(command, { commandContent: 'true', targets, ...given })).toThrow(message)
})

test('a parameter without default is required', () => {
  expect(() => read(command, { targets })).toThrow('Parameters.commandContent')
})
