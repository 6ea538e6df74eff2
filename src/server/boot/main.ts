import { ChandlerError } from '../../core/error/errors.ts'
import { createProcessLogger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { readServerConfig, type ServerOptions } from './config.ts'
import { credentialsFileOf, listCredentials } from './credentials-file.ts'
import { type RunningServer, startServer } from './start-server.ts'

/** Whoever stops us waits this long before they use force. */
const stopPatienceMs = 10_000
/** What a start that failed leaves open does not keep the process: the reason is printed within this time. */
const failurePatienceMs = 2_000

/**
 * `chandler server`: runs until SIGTERM or SIGINT, also while it starts, and gives the exit code. Standard output has what a person
 * or a program waits for; the log goes to standard error.
 * @throws OperatorError for what a person has to put right
 */
export async function runServer(options: ServerOptions): Promise<number> {
  const config = readServerConfig(options)
  const log = createProcessLogger(config.logLevel)
  const stop = new AbortController()
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info('stopping', { signal })
        stop.abort()
        endWithin(stopPatienceMs - 500, 0, () =>
          log.error('stopping took too long; ending with what is left undone', { patienceMs: stopPatienceMs }),
        )
        resolve()
      })
    }
  })
  // What a service manager is told ends up in its journal, which more people can read than the data directory.
  const credentialsFile = process.stdout.isTTY ? undefined : credentialsFileOf(config.dataDirectory)
  let server: RunningServer
  try {
    server = await startServer(config, log, { stop: stop.signal, credentialsFile })
  } catch (error) {
    const isStopped = stop.signal.aborted
    endWithin(failurePatienceMs, isStopped ? 0 : 1, () => log.debug('what the start left open ends with the process'))
    if (isStopped) return 0
    throw error instanceof ChandlerError ? new OperatorError(`${error.message} ${error.next}`, { cause: error }) : error
  }
  process.stdout.write(renderStartMessage(server, credentialsFile, config.publicUrl))
  await stopping
  await server.close()
  return 0
}

/** Only if something keeps the process until then. */
function endWithin(patienceMs: number, code: number, say: () => void): void {
  setTimeout(() => {
    say()
    process.exit(code)
  }, patienceMs).unref()
}

/** The credentials once, when they were made here; the line that says it is ready, last and always the same. */
function renderStartMessage(
  { url, accessKey }: RunningServer,
  credentialsFile: string | undefined,
  publicUrl = url,
): string {
  const made = accessKey === undefined ? [] : listCredentials(accessKey)
  const credentials =
    made.length === 0
      ? []
      : credentialsFile === undefined
        ? [
            'This is the first start. The administrator’s credentials, shown this once:',
            ...made.map((line) => `  ${line}`),
            '',
          ]
        : [
            `This is the first start. The administrator’s credentials are in ${credentialsFile}. Sign in, then delete that file.`,
            '',
          ]
  const lines = [
    ...credentials,
    `Console: ${publicUrl}`,
    `API reference: ${publicUrl}/docs`,
    `chandler listening on ${url}`,
  ]
  return `${lines.join('\n')}\n`
}
