import { expect, test } from 'vitest'
import { parseTargetList } from '../../../../../src/client/target-list.ts'
import type { ExecutionRequest } from '../../../../../src/protocol/api/executions.ts'
import { renderCommand } from './render-command.ts'

const declarations = {
  greeting: { type: 'String' },
  port: { type: 'Number' },
  password: { type: 'String', noEcho: true },
} as const
const render = (request: Partial<ExecutionRequest> = {}) =>
  renderCommand({ action: 'install', extension: 'demo', targets: { kind: 'all' }, ...request }, declarations)

test('the command contains the whole request, with secrets as files', () => {
  const { text, secretFiles } = render({
    version: 'v2',
    parameters: { greeting: "it's me", port: 8080, password: 'do not show' },
    targets: { kind: 'tags', tags: { env: 'prod' } },
    rateControl: {
      mode: 'Batch',
      batches: ['1', '10%'],
      concurrencyInBatches: '5',
      maxErrors: '2%',
      batchPause: 'FirstBatchPause',
    },
    mode: 'FailurePause',
    description: 'ticket 7',
  })
  expect(text.split(' \\\n  ')).toEqual([
    'chandler install demo',
    '--version v2',
    `--param 'greeting=it'\\''s me'`,
    '--param port=8080',
    '--param password=@password.txt',
    '--targets tag:env=prod',
    '--batch 1,10%',
    '--concurrency 5',
    '--pause first',
    '--max-errors 2%',
    '--mode failure-pause',
    `--description 'ticket 7'`,
  ])
  expect(secretFiles).toEqual(['password.txt'])
})

test('resetting parameters becomes an option of the command', () => {
  expect(render({ action: 'update', resetParameters: true }).text.split(' \\\n  ')).toContain('--reset-params')
  expect(render({ action: 'update' }).text).not.toContain('--reset-params')
})

test.each([
  ['reinstall', '--reinstall'],
  ['allowRemovals', '--allow-removals'],
  ['autoremove', '--autoremove'],
  ['skipOffline', '--skip-offline'],
  ['strict', '--strict'],
] as const)('%s becomes the option %s', (option, name) => {
  expect(render({ [option]: true }).text.split(' \\\n  ')).toContain(name)
  expect(render({ [option]: false }).text).not.toContain(name)
})

test('defaults are omitted', () => {
  expect(
    render({ rateControl: { mode: 'Concurrency', batchPause: 'Automatic' }, mode: 'Automatic', description: '' }).text,
  ).toBe('chandler install demo \\\n  --targets all')
})

test('a long list of instances becomes a file that the command line reads back', () => {
  const ids = Array.from({ length: 50 }, (_, index) => `i-${String(index).padStart(16, '0')}`)
  for (const targets of [
    { kind: 'ids', ids } as const,
    { kind: 'names', names: ids.map((id) => `${id}, "x"`) } as const,
  ]) {
    const { text, targetsFile } = render({ targets })
    expect(text).toContain('--targets file:instances.csv')
    expect(parseTargetList(targetsFile ?? '')).toEqual({ targets })
  }
})

test.each([
  ['plain-1.0', 'plain-1.0'],
  ['two words', `'two words'`],
  ['$(reboot) `id` \\', `'$(reboot) \`id\` \\'`],
  [`'; rm`, `''\\''; rm'`],
  ['two\nlines', `'two\nlines'`],
])('%j is quoted as one shell word', (description, word) => {
  expect(render({ description }).text.endsWith(` --description ${word}`)).toBe(true)
})

test('an upgrade of agents', () => {
  const operation = { kind: 'agentUpgrade', connectTimeoutMs: 90_000 } as const
  const rateControl = { mode: 'Batch' as const, batches: ['1', '50%'], maxErrors: '0' }
  const { text } = renderCommand({ operation, targets: { kind: 'all' }, rateControl }, {})
  expect(text.split(' \\\n  ')).toEqual([
    'chandler agent upgrade',
    '--connect-timeout 90s',
    '--targets all',
    '--batch 1,50%',
    '--max-errors 0',
  ])
})
