/** `chandler server check` and what the server says about its settings. */
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../../src/cli/run-cli.ts'
import { makeCliContext } from '../../make-cli-context.ts'
import { startTestDatabase } from '../database/postgres.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-check-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function check(text: string, mode = 0o640) {
  const file = join(folder, 'chandler.yaml')
  await writeFile(file, text)
  await chmod(file, mode)
  const { context, printed } = makeCliContext()
  const code = await runCli(context, [
    'server',
    'check',
    '--config',
    file,
    '--data',
    join(folder, 'data'),
    '-o',
    'json',
  ])
  const answer = JSON.parse(printed.out) as { actions: string[]; problems: string[]; settings: { name: string }[] }
  return { code, file, answer, printed }
}

test('all mistakes of a file are listed, and the exit code is 2', async () => {
  const { code, file, answer, printed } = await check('listn: ":1"\nlogLevel: loud\nlisten: x\n')
  expect(code).toBe(2)
  expect(answer.problems).toEqual([
    `${file}:1:1 unknown setting "listn"; did you mean listen?`,
    `${file}:3:9 listen: "x" is not HOST:PORT. Examples: 127.0.0.1:7443, 0.0.0.0:7443, [::1]:0, :8080.`,
    `${file}:2:11 logLevel: "loud" is not one of debug, info, warn, error.`,
  ])
  expect(printed.err.match(/^error: /gm)).toHaveLength(3)
})

test('a server does not start with such a file, and names all of its mistakes', async () => {
  const file = join(folder, 'chandler.yaml')
  await writeFile(file, 'listn: ":1"\nregoin: eu\n')
  const { context, printed } = makeCliContext()
  expect(await runCli(context, ['server', '--config', file, '--data', join(folder, 'data')])).toBe(1)
  expect(printed.err).toContain('did you mean listen?')
  expect(printed.err).toContain('did you mean region?')
})

test('with an own database the pending migrations are listed; secrets are masked; nothing is changed', async () => {
  const database = await startTestDatabase({ migrated: false })
  try {
    const { code, answer, printed } = await check(`databaseUrl: "${database.url}"\n`)
    expect(answer.problems).toEqual([])
    expect(code).toBe(0)
    expect(answer.actions.join('\n')).toMatch(/applies \d+ migrations \(0001-initial\.sql to /)
    expect(answer.settings).toContainEqual(expect.objectContaining({ name: 'databaseUrl', value: '(secret)' }))
    expect(printed.out + printed.err).not.toContain(database.url)
    const { rows } = await database.pool.query(`select to_regclass('schema_migrations') as found`)
    expect(rows).toEqual([{ found: null }])
    expect(await readdir(folder)).toEqual(['chandler.yaml'])
  } finally {
    await database.stop()
  }
})

test('a database of a newer version is refused by its schema version', async () => {
  const database = await startTestDatabase()
  try {
    expect((await check(`databaseUrl: "${database.url}"\n`)).answer.actions.join('\n')).toContain('schema is current')
    await database.pool.query(`insert into schema_migrations (number, name, checksum) values (9999, 'x', 'x')`)
    const { code, answer } = await check(`databaseUrl: "${database.url}"\n`)
    expect(code).toBe(2)
    expect(answer.problems).toEqual([expect.stringContaining('The database has schema version 9999')])
  } finally {
    await database.stop()
  }
})

test('a database that does not answer is a problem; its password is not printed', async () => {
  const { code, answer } = await check('databaseUrl: postgres://u:hunter2@127.0.0.1:1/x\n')
  expect(code).toBe(2)
  expect(answer.problems).toEqual([expect.stringContaining('ECONNREFUSED')])
  expect(JSON.stringify(answer)).not.toContain('hunter2')
})
