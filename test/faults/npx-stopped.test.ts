// `npx chandler server`, as in the README: npm signals only the shell between itself and the
// program.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFailed, test } from 'vitest'
import { startTestDatabase } from '../integration/database/postgres.ts'
import { startProgram } from './program.ts'

const own = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))
const places = (process.env['PATH'] ?? '').split(delimiter)
const npx = places.map((place) => join(place, 'npx')).find((file) => existsSync(file))

// npx first creates an entry in its cache, which takes long on a busy machine.
test.for([
  ['the Node.js of the machine', places.filter((place) => place !== own)],
  ['the Node.js of the project', [own, ...places]],
] as const)('SIGTERM to npx with %s ends the server, within 10 s', { timeout: 300_000 }, async ([, path], { skip }) => {
  skip(npx === undefined, 'this machine has no npx')
  await using parts = new AsyncDisposableStack()
  const db = await startTestDatabase()
  parts.defer(() => db.stop())
  const folder = await mkdtemp(join(tmpdir(), 'chandler-npx-'))
  parts.defer(() => rm(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  const program = startProgram(
    ['server', '--data', data, '--listen', '127.0.0.1:0'],
    { PATH: path.join(delimiter), npm_config_cache: join(folder, 'npm'), DATABASE_URL: db.url },
    [npx ?? '', 'chandler'],
  )
  onTestFailed(() => console.error(program.log.join('\n')))
  await program.says(/^chandler listening on /)
  const { pid } = JSON.parse(await readFile(join(data, 'server.pid'), 'utf8')) as { pid: number }
  // If the server outlives npx, nothing else ends it.
  onTestFailed(() => void process.kill(pid, 'SIGKILL'))
  expect(pid).not.toBe(program.pid)
  const from = performance.now()
  // npx and the server share standard output: it closes when both have ended.
  await program.end('SIGTERM')
  expect(performance.now() - from).toBeLessThan(10_000)
  expect(program.log.join('\n')).toContain('"stopping"')
})
