import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { findDebianProgram } from '../debian-program.ts'

/** Undefined if this machine has no HAProxy and cannot fetch it. */
export const haproxyPath = await findDebianProgram('haproxy', 'haproxy')

/** A load balancer before servers. */
export interface Haproxy {
  readonly url: string
  stop(): Promise<void>
}

/** Starts HAProxy as docs/operating.md recommends; resolves when it serves requests. */
export async function startHaproxy(folder: string, serverUrls: readonly string[]): Promise<Haproxy> {
  const port = await findPort()
  const file = join(folder, 'haproxy.cfg')
  const lines = serverUrls.map((url, index) => `  server s${index + 1} ${new URL(url).host} check`)
  const page = await readFile(new URL('../../deploy/haproxy.cfg', import.meta.url), 'utf8')
  await writeFile(
    file,
    page
      // Only root may raise the limit of open files for it.
      .replace(/^ {2}maxconn .*\n/m, '')
      // test/hosts/haproxy.test.ts runs it with TLS.
      .replace(/^ {2}bind .*$/m, `  bind 127.0.0.1:${port}`)
      .replace('X-Forwarded-Proto https', 'X-Forwarded-Proto http')
      .replace(/^ {2}default-server ssl .*\n/m, '')
      .replace(/^ {2}server .*\n/gm, '')
      .concat(lines.join('\n'), '\n'),
  )
  const child = spawn(haproxyPath ?? '', ['-db', '-f', file], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), {
    timeout: 110_000,
    interval: 100,
  })
  return {
    url,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await once(server.close(), 'close')
  return port
}
