import { once } from 'node:events'
import { createServer } from 'node:net'
import { systemClock } from '../../src/lib/clock.ts'

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** For programs that do not report when they are ready. */
export async function untilDone(attempt: () => Promise<unknown>, problem: string): Promise<void> {
  for (let left = 100; left > 0; left--) {
    const isDone = await attempt().then(
      () => true,
      () => false,
    )
    if (isDone) return
    await systemClock.wait(100)
  }
  throw new Error(problem)
}
