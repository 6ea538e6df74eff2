/**
 * scripts/temporary-user.ts: system users for temporary servers, on a machine where several runs do
 * this at once.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createTemporaryUser } from '../../../scripts/temporary-user.ts'

const asRoot = process.getuid?.() === 0
const script = fileURLToPath(new URL('../../../scripts/temporary-user.ts', import.meta.url))
const listUsers = async () =>
  (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.slice(0, line.indexOf(':')))

test('each concurrent run has its own user; the next run removes the user of a killed one', async ({ skip }) => {
  skip(!asRoot, 'only root makes users')
  const program = `import { createTemporaryUser } from ${JSON.stringify(script)}
    console.log((await createTemporaryUser()).name)
    setInterval(() => {}, 1000)`
  const killed = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(killed.stdout, 'data')) as [Buffer]
  const left = line.toString().trim()
  expect(await listUsers()).toContain(left)
  killed.kill('SIGKILL')
  await once(killed, 'exit')

  const users = await Promise.all([createTemporaryUser(), createTemporaryUser(), createTemporaryUser()])
  const names = users.map((user) => user?.name)
  try {
    expect(new Set(names).size).toBe(3)
    expect(await listUsers()).toEqual(expect.arrayContaining(names))
    expect(await listUsers()).not.toContain(left)
  } finally {
    for (const user of users) await user?.remove()
  }
  expect((await listUsers()).filter((name) => names.includes(name))).toEqual([])
})
