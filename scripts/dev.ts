// `npm run dev`: the server, restarted when its sources change, and the console with hot reload in front of it. Arguments go to the server:
// `npm run dev -- --data /tmp/chandler`. Both end with Ctrl-C.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { makeViteConfig } from '../src/server/console/vite-config.ts'

const project = fileURLToPath(new URL('..', import.meta.url))
const serverAddress = { host: '127.0.0.1', port: 7443 }
const consolePort = 7444
/** What the server answers itself. */
const proxied = ['/api', '/docs', '/openapi.json', '/install.sh', '/artifacts', '/agent']

const server = spawn(
  process.execPath,
  [
    '--watch',
    'bin/chandler.mjs',
    'server',
    '--listen',
    `${serverAddress.host}:${serverAddress.port}`,
    ...process.argv.slice(2),
  ],
  { cwd: project, stdio: 'inherit' },
)

// The Host header stays that of the browser's address, so that the server knows its own pages.
const target = `http://${serverAddress.host}:${serverAddress.port}`
const vite = await createServer({
  ...makeViteConfig(project),
  appType: 'spa',
  logLevel: 'info',
  server: {
    host: serverAddress.host,
    port: consolePort,
    strictPort: true,
    proxy: Object.fromEntries(proxied.map((path) => [path, { target, ws: true }])),
  },
})
await vite.listen()
console.log(`console with hot reload: http://${serverAddress.host}:${consolePort}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.kill(signal))
await once(server, 'exit')
await vite.close()
