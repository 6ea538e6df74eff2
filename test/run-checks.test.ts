import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { runChecks } from '../scripts/run-checks.ts'

const program = (code: string) => [process.execPath, '-e', code] as const
const passingTests = program(`console.log('a file\\n\\n7 passed, 0 failed')`)
const failingTests = program(`console.log('a file\\n\\n6 passed, 1 failed'); process.exitCode = 1`)
const clean = program('')
const broken = program(`console.log('file.ts:3 is wrong'); console.error('1 error'); process.exitCode = 2`)

async function check(staticChecks: Parameters<typeof runChecks>[0]['staticChecks'], tests: typeof clean) {
  let shown = ''
  const passed = await runChecks({
    staticChecks,
    tests,
    environment: process.env,
    write: (text) => {
      shown += text
    },
  })
  return { passed, shown, lastLine: shown.trimEnd().split('\n').at(-1) }
}

test('everything passes: the last line is that of the tests', async () => {
  const { passed, shown, lastLine } = await check({ format: clean, lint: clean }, passingTests)
  expect(lastLine).toBe('7 passed, 0 failed')
  expect(shown).toContain('a file\n\n')
  expect(shown).toContain('Passed: format, lint')
  expect(passed).toBe(true)
})

test('a static check fails: the command fails, with its output and its name; later checks still run', async () => {
  const { passed, shown, lastLine } = await check({ format: broken, lint: clean, types: broken }, passingTests)
  expect(lastLine).toBe('7 passed, 0 failed')
  expect(shown.match(/file\.ts:3 is wrong\n1 error/g)).toHaveLength(2)
  expect(shown).toContain('Failed, see above: format, types')
  expect(passed).toBe(false)
})

test('tests fail: the command fails', async () => {
  const { passed, lastLine } = await check({ format: clean }, failingTests)
  expect(lastLine).toBe('6 passed, 1 failed')
  expect(passed).toBe(false)
})

test('a program that cannot be started is an error', async () => {
  await expect(check({ format: ['/nowhere/program'] }, passingTests)).rejects.toThrow('/nowhere/program')
})

test('the tests run beside the static checks, not after them', async () => {
  const waiting: Socket[] = []
  // Each gets its answer when both have connected.
  const meeting = createServer((socket) => {
    waiting.push(socket)
    if (waiting.length === 2) for (const one of waiting) one.end('both run')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void meeting.close())
  await once(meeting, 'listening')
  const { port } = meeting.address() as AddressInfo
  const meet = (line: string) =>
    program(`require('net').connect(${port}, '127.0.0.1').on('data', () => console.log('${line}')).resume()`)
  const { passed, lastLine } = await check({ format: meet('done') }, meet('1 passed, 0 failed'))
  expect({ passed, lastLine }).toEqual({ passed: true, lastLine: '1 passed, 0 failed' })
})
