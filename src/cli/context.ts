import { type Client, createClient } from '../client/client.ts'
import { findConnection, type ServerConnectionOptions } from './connection.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import type { Sink } from './output/sink.ts'
import type { Settings } from './settings.ts'
import { uploadFile } from './upload-file.ts'

/** What every command is given: where it prints, what it was told from outside, and where its exit code goes. */
export interface CliContext {
  readonly settings: Settings
  readonly out: Sink
  readonly err: Sink
  readonly stdin: NodeJS.ReadStream
  exitCode: ExitCode
}

export const createContext = (parts: Omit<CliContext, 'exitCode'>): CliContext => ({
  ...parts,
  exitCode: exitCodes.success,
})

/** A client for the server that the options, the environment or the profile name. */
export async function connect(context: CliContext, options: ServerConnectionOptions): Promise<Client> {
  return createClient({ ...(await findConnection(context.settings, options)), upload: uploadFile })
}
