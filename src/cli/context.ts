import { type Client, createClient } from '../client/client.ts'
import { findConnection, type ServerConnectionOptions } from './connection.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import type { Sink } from './output/sink.ts'
import { applyTrust } from './server-trust.ts'
import type { Settings } from './settings.ts'
import { uploadFile } from './upload-file.ts'

/** The environment of every command: output streams, settings, and the exit code. */
export interface CliContext {
  readonly settings: Settings
  readonly out: Sink
  readonly err: Sink
  readonly stdin: NodeJS.ReadStream
  /** Ends commands that run until SIGTERM or SIGINT, as these do. */
  readonly signal?: AbortSignal | undefined
  exitCode: ExitCode
}

export const createContext = (parts: Omit<CliContext, 'exitCode'>): CliContext => ({
  ...parts,
  exitCode: exitCodes.success,
})

/** A client for the configured server (options, environment or profile). */
export async function connect(context: CliContext, options: ServerConnectionOptions): Promise<Client> {
  const { server, accessKeyId, accessKeySecret, ...trust } = await findConnection(context.settings, options)
  const explainFailure = applyTrust(context, server, trust)
  return createClient({ server, accessKeyId, accessKeySecret, upload: uploadFile, explainFailure })
}
