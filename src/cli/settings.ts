import { homedir } from 'node:os'
import { join } from 'node:path'
import { type LogLevel, logLevels } from '../lib/logger.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The settings that the command line reads from its environment. No other module of the CLI reads
 * the environment.
 */
export interface Settings {
  readonly server: string | undefined
  readonly accessKeyId: string | undefined
  readonly accessKeySecret: string | undefined
  readonly profile: string
  /** Path of the profiles that `chandler login` writes. */
  readonly profilesFile: string
  /** Path of a PEM file with the CAs that verify the server. */
  readonly caFile: string | undefined
  /** Plain HTTP beyond loopback is accepted. */
  readonly insecureHttp: boolean
  /** The forward proxies of the environment. */
  readonly proxies: Readonly<Record<string, string>>
  /** The password that `user set-password` sets. */
  readonly newPassword: string | undefined
  /** NO_COLOR is set (https://no-color.org). */
  readonly noColor: boolean
  /** TERM is `dumb`: a terminal that cannot move its cursor. */
  readonly dumbTerminal: boolean
  /** A variable that a file names, such as the secret of a webhook in a fleet file. */
  readonly variable: (name: string) => string | undefined
  /** Log level of long-running programs (agent, simulation). */
  readonly logLevel: LogLevel
}

const proxyVariables = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'] as const

export function readSettings(environment: Environment = process.env): Settings {
  // A variable set to the empty string counts as absent.
  const textOf = (name: string) => environment[name] || undefined
  const configFolder = textOf('XDG_CONFIG_HOME') ?? join(textOf('HOME') ?? homedir(), '.config')
  return {
    server: textOf('CHANDLER_SERVER'),
    accessKeyId: textOf('CHANDLER_ACCESS_KEY_ID'),
    accessKeySecret: textOf('CHANDLER_ACCESS_KEY_SECRET'),
    caFile: textOf('CHANDLER_CA_FILE'),
    insecureHttp: ['1', 'true', 'yes', 'on'].includes(textOf('CHANDLER_INSECURE_HTTP')?.toLowerCase() ?? ''),
    proxies: Object.fromEntries(
      proxyVariables.flatMap((name) => {
        const value = textOf(name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    newPassword: textOf('CHANDLER_NEW_PASSWORD'),
    profile: textOf('CHANDLER_PROFILE') ?? 'default',
    profilesFile: join(configFolder, 'chandler', 'profiles.json'),
    variable: textOf,
    noColor: textOf('NO_COLOR') !== undefined,
    dumbTerminal: textOf('TERM') === 'dumb',
    logLevel: logLevels.find((level) => level === textOf('CHANDLER_LOG_LEVEL')) ?? 'info',
  }
}
