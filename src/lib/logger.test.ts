import { expect, test } from 'vitest'
import { createLogger, type LogLevel } from './logger.ts'

function makeLog(format: 'json' | 'text' = 'json', level: LogLevel = 'debug') {
  const lines: string[] = []
  const log = createLogger({ level, format, write: (line) => lines.push(line), now: () => 0 })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') }
}

test('a line is one JSON object with the bound fields and its own', () => {
  const { log, last } = makeLog()
  log.child({ executionId: 'exec-1', part: 'a' }).info('started', { part: 'b' })
  expect(last()).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'info',
    message: 'started',
    executionId: 'exec-1',
    part: 'b',
  })
})

test('lines below the level are not written', () => {
  const { log, lines } = makeLog('json', 'warn')
  log.debug('d')
  log.info('i')
  log.warn('w')
  log.error('e')
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'error'])
})

test.each([
  ['a field named like a secret', { password: 'hunter2' }],
  ['a nested one', { request: { headers: { authorization: 'Basic hunter2' } } }],
  ['one in an array', { keys: [{ accessKeySecret: 'hunter2' }] }],
  ['a bound token', { joinToken: 'hunter2' }],
  ['a password in a connection string', { url: 'postgres://me:hunter2@db/x' }],
  ['a signed URL', { url: 'https://x/objects/1?expires=1&signature=hunter2' }],
  ['an error that quotes a connection string', { error: new Error('cannot reach postgres://me:hunter2@db/x') }],
  ['the cause of an error', { error: new Error('x', { cause: { secret: 'hunter2' } }) }],
  ['bytes', { body: Buffer.from('hunter2') }],
])('no line contains a secret: %s', (_, fields) => {
  for (const format of ['json', 'text'] as const) {
    const { log, lines } = makeLog(format)
    log.child(fields).info('x', fields)
    expect(lines.join('')).not.toContain('hunter2')
  }
})

test('keys that are not secret stay readable', () => {
  const { log, last } = makeLog()
  log.info('x', { accessKeyId: 'AK1', objectKey: 'sha256/ab' })
  expect(last()).toMatchObject({ accessKeyId: 'AK1', objectKey: 'sha256/ab' })
})

test('errors carry name, message, code and cause', () => {
  const { log, last } = makeLog()
  log.error('x', { error: Object.assign(new TypeError('bad', { cause: new Error('deep') }), { code: 'E1' }) })
  expect(last().error).toMatchObject({ error: 'TypeError', message: 'bad', code: 'E1', cause: { message: 'deep' } })
})

test('a peer can neither forge a line nor break the logger', () => {
  const { log, lines } = makeLog('text')
  const loop: Record<string, unknown> = {}
  loop.self = loop
  log.info('name\n00:00:00.000 error forged \u001b[31m \u009b1m', {
    field: 'a\u009bb',
    loop,
    big: 10n,
    nothing: undefined,
    none: null,
  })
  expect(lines).toHaveLength(1)
  expect(lines[0]?.slice(0, -1)).not.toMatch(/\p{Cc}/u)
})

test('a field cannot override the level or the message', () => {
  const { log, last } = makeLog()
  log.warn('real', { level: 'info', message: 'fake' })
  expect(last()).toMatchObject({ level: 'warn', message: 'real', message_: 'fake' })
})
