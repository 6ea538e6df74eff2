import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readProcessIdentity } from './process-identity.ts'

test('an identity is constant while its process lives, differs between processes, and ends with it', async () => {
  const child = spawn('sleep', ['60'])
  const pid = child.pid ?? 0
  const identity = await readProcessIdentity(pid)
  expect(identity).toBeDefined()
  expect(await readProcessIdentity(pid)).toBe(identity)
  expect(await readProcessIdentity(process.pid)).not.toBe(identity)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await readProcessIdentity(pid)).toBeUndefined()
})
