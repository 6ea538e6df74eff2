import { ChandlerError } from '../core/errors.ts'
import { createProcessLogger } from '../lib/logger.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { readServerConfig, type ServerOptions } from './config.ts'
import { type RunningServer, startServer } from './start-server.ts'

/** Whoever stops us waits this long before they use force. */
const stopPatienceMs = 10_000

/**
 * `chandler server`: runs until SIGTERM or SIGINT and gives the exit code. Standard output has what a person or a program waits
 * for; the log goes to standard error.
 * @throws OperatorError for what a person has to put right
 */
export async function runServer(options: ServerOptions): Promise<number> {
  const config = readServerConfig(options)
  const log = createProcessLogger(config.logLevel)
  const told = waitForSignal()
  const server = await startServer(config, log).catch((error: unknown) => {
    throw error instanceof ChandlerError ? new OperatorError(`${error.message} ${error.next}`, { cause: error }) : error
  })
  process.stdout.write(greeting(server, config.publicUrl))
  const signal = await told
  log.info('stopping', { signal })
  setTimeout(() => {
    log.error('stopping took too long; ending with what is left undone', { patienceMs: stopPatienceMs })
    process.exit(0)
  }, stopPatienceMs - 500).unref()
  await server.close()
  return 0
}

const waitForSignal = () =>
  new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })

/** The credentials once, when they were made here; the line that says it is ready, last and always the same. */
function greeting({ url, accessKey }: RunningServer, publicUrl = url): string {
  const credentials = accessKey?.generated
    ? [
        'This is the first start. The administrator’s access key, shown this once:',
        `  CHANDLER_ACCESS_KEY_ID=${accessKey.id}`,
        `  CHANDLER_ACCESS_KEY_SECRET=${accessKey.secret}`,
        '',
      ]
    : []
  const password = accessKey?.password
    ? ['The console’s first user, with a password that is shown this once:', `  admin  ${accessKey.password}`, '']
    : []
  const lines = [
    ...credentials,
    ...password,
    `Console: ${publicUrl}`,
    `API reference: ${publicUrl}/docs`,
    `chandler listening on ${url}`,
  ]
  return `${lines.join('\n')}\n`
}
