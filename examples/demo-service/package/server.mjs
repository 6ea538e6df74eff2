// The demo service: `server.mjs serve HOME`, and `server.mjs health HOME PID`, which asks it whether it is well.
// server.py does the same for machines without Node.js. Needs Node.js 14 or later and nothing else.

import { createHash, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { join } from 'node:path'

const [action, home, pid] = process.argv.slice(2)
const read = (...path) => readFileSync(join(home, ...path), 'utf8')
const log = (text) => console.log(`${new Date().toISOString()} [${process.pid}] ${text}`)

function serve() {
  const version = read('app', 'VERSION').trim()
  const greeting = read('settings', 'greeting')
  const token = read('settings', 'token')
  const digest = (text) => createHash('sha256').update(text).digest()
  const isAllowed = ({ headers }) =>
    token === '' || timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`))

  function answer(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return [405, 'only GET is understood\n']
    if (request.url === '/health') return [200, `${JSON.stringify({ status: 'ok', version, pid: process.pid })}\n`]
    if (request.url !== '/') return [404, 'there is nothing here; ask for /\n']
    return isAllowed(request)
      ? [200, `${greeting}\n`]
      : [401, 'this needs the token, as: Authorization: Bearer TOKEN\n']
  }

  const server = createServer((request, response) => {
    const [status, body] = answer(request)
    const type = status === 200 && request.url === '/health' ? 'application/json' : 'text/plain; charset=utf-8'
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
  })
  // Any free port, the first time; then always that one, as long as nobody else has taken it.
  const given = Number(read('settings', 'port'))
  const kept = given === 0 && existsSync(join(home, 'run', 'port')) ? Number(read('run', 'port')) : 0
  server.on('error', (error) => {
    log(`cannot listen: ${error.message}`)
    if (error.code !== 'EADDRINUSE' || kept === 0 || error.port !== kept) process.exit(1)
    server.listen(0, '127.0.0.1')
  })
  server.listen(given || kept, '127.0.0.1')
  server.on('listening', () => {
    const { port } = server.address()
    // Readers see either no file or all of it.
    writeFileSync(join(home, 'run', 'port.new'), `${port}\n`)
    renameSync(join(home, 'run', 'port.new'), join(home, 'run', 'port'))
    log(`demo service ${version} listens on 127.0.0.1:${port}`)
  })
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      log(`ends: ${signal}`)
      process.exit(0)
    })
  }
}

/** Until it answers as the process it should be, or 10 s have passed, or that process has ended. */
function askHealth(triesLeft = 100) {
  const again = (why) => {
    let isAlive = true
    try {
      process.kill(Number(pid), 0)
    } catch {
      isAlive = false
    }
    if (isAlive && triesLeft > 0) return void setTimeout(askHealth, 100, triesLeft - 1)
    console.error(`not healthy: ${isAlive ? why : `process ${pid} has ended`}; see ${join(home, 'log')}`)
    process.exitCode = 1
  }
  let port
  try {
    port = Number(read('run', 'port'))
  } catch {
    return again('it does not listen')
  }
  get({ host: '127.0.0.1', port, path: '/health', timeout: 2_000 }, (response) => {
    let body = ''
    response.on('data', (part) => (body += part))
    response.on('end', () => {
      if (response.statusCode === 200 && body.includes(`"pid":${pid}}`)) return void process.stdout.write(body)
      again(`port ${port} answers ${response.statusCode} ${body.slice(0, 100)}`)
    })
  })
    .on('timeout', function () {
      this.destroy(new Error('no answer within 2 s'))
    })
    .on('error', (error) => again(error.message))
}

if (action === 'serve') serve()
else if (action === 'health') askHealth()
else {
  console.error('write: server.mjs serve HOME, or: server.mjs health HOME PID')
  process.exitCode = 2
}
