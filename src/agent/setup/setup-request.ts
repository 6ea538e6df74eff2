import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isAgentProgram } from '../../core/instance/agent-program.ts'
import { defaultAgentConnectTimeoutMs, maxAgentConnectTimeoutMs } from '../../core/limits.ts'
import { ArgumentError } from '../argument-error.ts'
import type { TrustOptions } from '../connection/server-trust.ts'
import { parseTags } from '../parse-tags.ts'
import { parseTrust } from '../parse-trust.ts'
import { defaultStateDirectory } from '../platform/default-folders.ts'

/** Where an installation is. Both are absolute paths of characters that need no quotes in a unit file or a shell. */
export interface SetupPlaces {
  /** Holds one folder per version, and the link `current`. */
  readonly prefix: string
  /** The state directory of the agent. */
  readonly state: string
}

export interface SetupInstallRequest extends SetupPlaces {
  readonly command: 'install'
  /** Absent: the server that this machine is enrolled at. */
  readonly server?: string
  /** `-` is standard input. Needed until the machine is enrolled. */
  readonly tokenFile?: string
  readonly name?: string
  readonly tags: Readonly<Record<string, string>>
  /** How to verify the server; absent options keep what the state directory holds. */
  readonly trust: TrustOptions
  /** The file with the keys that may sign what the instance runs. */
  readonly trustFile?: string
  /** Whether systemd runs the agent, where there is systemd. */
  readonly useService: boolean
  /** Run the agent in this process when the installation is complete. */
  readonly isForeground: boolean
}

export interface SetupRemoveRequest extends SetupPlaces {
  readonly command: 'remove'
  readonly useService: boolean
  /** Remove the state directory, too. */
  readonly isPurge: boolean
}

/** Gives the instance a trust file, or another one. */
export interface SetupTrustRequest extends SetupPlaces {
  readonly command: 'trust'
  readonly trustFile: string
}

export interface SetupStatusRequest extends SetupPlaces {
  readonly command: 'status'
}

export interface SetupUnitRequest extends SetupPlaces {
  readonly command: 'unit'
  readonly server?: string
}

/** Replaces the running agent by another version, under supervision. */
export interface SetupUpgradeRequest extends SetupPlaces {
  readonly command: 'upgrade'
  /** Folder with the unpacked new version. */
  readonly from: string
  /** The name of its folder in the prefix. */
  readonly program: string
  /** Time for the new version to connect to the server. */
  readonly withinMs: number
}

/** The state directory is that of this machine, which has other hardware or another machine id now. */
export interface SetupAcceptRequest extends SetupPlaces {
  readonly command: 'accept-machine'
}

/** Ends an upgrade that a reboot interrupted; the earlier version runs it. */
export interface SetupSettleRequest extends SetupPlaces {
  readonly command: 'settle'
  /** The version that is in use and not proven. */
  readonly program: string
  readonly withinMs: number
}

export type SetupRequest =
  | SetupInstallRequest
  | SetupUpgradeRequest
  | SetupSettleRequest
  | SetupRemoveRequest
  | SetupStatusRequest
  | SetupTrustRequest
  | SetupUnitRequest
  | SetupAcceptRequest
  | { readonly command: 'help' }
  /** For install.sh on machines that cannot compute digests: the SHA-256 of a file; without one, of this executable. */
  | { readonly command: 'digest'; readonly file?: string }

const options = {
  prefix: { type: 'string' },
  state: { type: 'string' },
  server: { type: 'string' },
  'token-file': { type: 'string' },
  name: { type: 'string' },
  tag: { type: 'string', multiple: true },
  'ca-sha256': { type: 'string' },
  ca: { type: 'string' },
  'insecure-http': { type: 'boolean' },
  trust: { type: 'string' },
  'no-service': { type: 'boolean' },
  foreground: { type: 'boolean' },
  'discard-on-failure': { type: 'string' },
  purge: { type: 'boolean' },
  from: { type: 'string' },
  program: { type: 'string' },
  within: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

type OptionName = keyof typeof options

/** Which options a command has, besides `--prefix`, `--state` and `--help`. */
const optionsOf: Record<Exclude<SetupRequest['command'], 'help' | 'digest'>, readonly OptionName[]> = {
  install: [
    'server',
    'token-file',
    'name',
    'tag',
    'ca-sha256',
    'ca',
    'insecure-http',
    'trust',
    'no-service',
    'foreground',
    'discard-on-failure',
  ],
  upgrade: ['from', 'program', 'within'],
  settle: ['program', 'within'],
  remove: ['no-service', 'purge'],
  status: [],
  trust: ['trust'],
  unit: ['server'],
  'accept-machine': [],
}

/**
 * What the arguments after `setup` ask for. Throws ArgumentError.
 * @param defaultPrefix the prefix that the running program is installed in
 */
export function parseSetupRequest(args: readonly string[], defaultPrefix: string): SetupRequest {
  const { values, positionals } = readArguments(args)
  const [command, ...others] = positionals
  if (values.help) return { command: 'help' }
  if (command === 'digest' && others.length <= 1)
    return { command, ...(others[0] !== undefined && { file: others[0] }) }
  if (command === undefined || !isCommand(command))
    throw new ArgumentError(
      `${command === undefined ? 'a command is missing' : `unknown command ${command}`}: use one of ${Object.keys(optionsOf).join(', ')}`,
    )
  if (others.length > 0) throw new ArgumentError(`unexpected argument ${others[0]}`)
  const allowed: readonly string[] = ['prefix', 'state', ...optionsOf[command]]
  for (const name of Object.keys(values))
    if (!allowed.includes(name)) throw new ArgumentError(`setup ${command} has no option --${name}`)
  const places = {
    prefix: parseFolder('--prefix', values.prefix ?? defaultPrefix),
    state: parseFolder('--state', values.state ?? defaultStateDirectory),
  }
  const discarded = values['discard-on-failure']
  if (discarded !== undefined && findDiscarded(args) === undefined)
    throw new ArgumentError('--discard-on-failure must be program or prefix')
  const server = values.server === undefined ? {} : { server: parseServer(values.server) }
  const isForeground = values.foreground ?? false
  const useService = !isForeground && !values['no-service']
  switch (command) {
    case 'install':
      return {
        command,
        ...places,
        ...server,
        ...(values['token-file'] !== undefined && { tokenFile: values['token-file'] }),
        ...(values.name !== undefined && { name: values.name }),
        tags: parseTags(values.tag),
        trust: parseTrust(values),
        ...(values.trust !== undefined && { trustFile: resolve(values.trust) }),
        useService,
        isForeground,
      }
    case 'upgrade':
      return { command, ...places, ...parseUpgrade(values) }
    case 'settle':
      return { command, ...places, ...parseProgram('settle', values) }
    case 'remove':
      return { command, ...places, useService, isPurge: values.purge ?? false }
    case 'unit':
      return { command, ...places, ...server }
    case 'trust':
      if (values.trust === undefined) throw new ArgumentError('setup trust needs --trust FILE')
      return { command, ...places, trustFile: resolve(values.trust) }
    case 'status':
    case 'accept-machine':
      return { command, ...places }
  }
}

const defaultWithinS = defaultAgentConnectTimeoutMs / 1_000
const maxWithinS = maxAgentConnectTimeoutMs / 1_000

interface ProgramOptions {
  readonly program?: string
  readonly within?: string
}

function parseUpgrade({ from, ...options }: ProgramOptions & { readonly from?: string }) {
  if (from === undefined) throw new ArgumentError('setup upgrade needs --from DIR and --program NAME')
  return { from: resolve(from), ...parseProgram('upgrade', options) }
}

function parseProgram(command: string, { program, within }: ProgramOptions) {
  if (program === undefined) throw new ArgumentError(`setup ${command} needs --program NAME`)
  if (!isAgentProgram(program))
    throw new ArgumentError(`--program ${program} is not the name of an agent, such as 0.2.0-3f2a91c04b7d`)
  const seconds = within === undefined ? defaultWithinS : Number(within)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > maxWithinS)
    throw new ArgumentError(`--within must be a number of seconds from 1 to ${maxWithinS}`)
  return { program, withinMs: seconds * 1_000 }
}

/** What a failed installation leaves nothing of: the folder of this program, or its prefix, too, if that is empty then. */
export type Discarded = 'program' | 'prefix'

/** `--discard-on-failure`. Read before the other arguments, because wrong ones are a failure, too. */
export function findDiscarded(args: readonly string[]): Discarded | undefined {
  const { values } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false })
  const discarded = values['discard-on-failure']
  return discarded === 'program' || discarded === 'prefix' ? discarded : undefined
}

const isCommand = (name: string): name is keyof typeof optionsOf => Object.hasOwn(optionsOf, name)

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new ArgumentError((error as Error).message)
  }
}

/** Paths appear in the unit file and in printed commands, where nothing quotes them. */
function parseFolder(option: string, path: string): string {
  if (process.platform === 'win32') return parseWindowsFolder(option, path)
  if (!path.startsWith('/')) throw new ArgumentError(`${option} ${path} must begin with /`)
  if (path === '/' || /\/(\.{0,2}\/|\.{0,2}$)/.test(path))
    throw new ArgumentError(`${option} ${path} is not the plain path of a folder`)
  if (!/^[A-Za-z0-9._/@+-]+$/.test(path))
    throw new ArgumentError(`${option} ${path} has characters other than A-Z, a-z, 0-9 and . _ / @ + -`)
  return path
}

/** Longer ones leave no room for the paths of scripts, which cmd limits to 260 characters. */
const maxWindowsFolder = 100

/** Paths appear in the command line of the service between quotation marks, and in commands of cmd. */
export function parseWindowsFolder(option: string, path: string): string {
  if (!/^[A-Za-z]:\\[^\\]/.test(path))
    throw new ArgumentError(`${option} ${path} must begin with a drive, such as C:\\`)
  if (/[<>:"/|?*%^!&\p{Cc}]/u.test(path.slice(2)))
    throw new ArgumentError(`${option} ${path} has one of the characters < > : " / | ? * % ^ ! &`)
  if (/\\(?:\\|\.{0,2}(?:\\|$))/.test(path))
    throw new ArgumentError(`${option} ${path} is not the plain path of a folder`)
  if (path.length > maxWindowsFolder)
    throw new ArgumentError(`${option} ${path} is longer than ${maxWindowsFolder} characters`)
  return path
}

function parseServer(address: string): string {
  if (!/^https?:\/\/./.test(address)) throw new ArgumentError('--server must begin with http:// or https://')
  if (!/^[A-Za-z0-9._~:/[\]-]+$/.test(address))
    throw new ArgumentError('--server has characters that do not belong in an address')
  return address.replace(/\/$/, '')
}
