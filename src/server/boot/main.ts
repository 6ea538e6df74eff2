import { ChandlerError } from '../../core/error/errors.ts'
import { createProcessLogger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { trustSystemCas } from '../../lib/tls/trust-system-cas.ts'
import { credentialsFileOf, listCredentials } from './credentials-file.ts'
import { readServerSettings, type ServerOptions } from './settings/config.ts'
import { type RunningServer, startServer } from './start-server.ts'

/** Service managers send SIGKILL after this time. */
const stopTimeoutMs = 10_000
/** After a restart, connecting agents come first. */
const buildDelayMs = 30_000
/** The process ends this long after a failed start, even if the start left handles open. */
const failureTimeoutMs = 2_000
/** … and this long after everything was closed. */
const closedTimeoutMs = 500

/**
 * `chandler server`: runs until SIGTERM or SIGINT, also during the start, and returns the exit
 * code. Standard output contains the credentials and the ready line; the log goes to standard
 * error.
 * @throws OperatorError for a problem that an operator has to correct
 */
export async function runServer(options: ServerOptions): Promise<number> {
  const { config, file, problems, warnings } = readServerSettings(options)
  if (config === undefined) throw new OperatorError(problems.join('\n'))
  const log = createProcessLogger(config.logLevel)
  if (file !== undefined) log.info('the settings file was read', { file })
  for (const warning of warnings) log.warn(warning)
  // Object store, identity provider, database and gates may have certificates of the company's CA.
  trustSystemCas()
  const stop = new AbortController()
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info('stopping', { signal })
        stop.abort()
        endWithin(stopTimeoutMs - 500, 0, () =>
          log.error('stopping took too long; exiting with unfinished work', { timeoutMs: stopTimeoutMs }),
        )
        resolve()
      })
    }
  })
  // A service manager writes standard output to its journal, which more users can read than the
  // data directory.
  const credentialsFile = process.stdout.isTTY ? undefined : credentialsFileOf(config.dataDirectory)
  let server: RunningServer
  try {
    server = await startServer(config, log, { stop: stop.signal, credentialsFile })
  } catch (error) {
    const isStopped = stop.signal.aborted
    endWithin(failureTimeoutMs, isStopped ? 0 : 1, () =>
      log.debug('exiting although the failed start left handles open'),
    )
    if (isStopped) return 0
    throw error instanceof ChandlerError ? new OperatorError(`${error.message} ${error.next}`, { cause: error }) : error
  }
  process.stdout.write(renderStartMessage(server, credentialsFile, config.publicUrl))
  const building = setTimeout(() => void server.buildAgentBundles(), buildDelayMs)
  await stopping
  clearTimeout(building)
  await server.close()
  // Such as the retries of an exporter whose collector is away: nothing waits for them any more.
  endWithin(closedTimeoutMs, 0, () => log.debug('exiting although handles are still open'))
  return 0
}

/**
 * Exits after this time if open handles still keep the process alive. Its timer does not keep the
 * process alive.
 */
function endWithin(timeoutMs: number, code: number, say: () => void): void {
  setTimeout(() => {
    say()
    process.exit(code)
  }, timeoutMs).unref()
}

/**
 * Renders the credentials if this start generated them, and as the last line the ready message,
 * which is always the same.
 */
function renderStartMessage(
  { url, caSha256, accessKey }: RunningServer,
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
    ...(caSha256 === undefined ? [] : [`CA of this server: sha256 ${caSha256} (${publicUrl}/ca.pem)`]),
    `chandler listening on ${url}`,
  ]
  return `${lines.join('\n')}\n`
}
