import { execFile } from 'node:child_process'
import { closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join, parse } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isLocked, replaceFileSync } from '../../../lib/replace-file.ts'
import type { Platform } from '../platform.ts'
import { findWindowsPackageVersion } from './installed-products.ts'
import { system32 } from './windows-folders.ts'
import { askWindowsHost, parseHostList, readHostMachine } from './windows-host.ts'
import { encodeWindowsScript, startWindowsScript } from './windows-script.ts'
import {
  endWindowsTree,
  hasWindowsClaim,
  inspectWindowsSupervised,
  keepWindowsClaim,
  listWindowsTree,
  preventWindowsSupervised,
  settleWindowsOutput,
  startWindowsSupervised,
  wasWindowsStarted,
} from './windows-supervisor.ts'

const run = promisify(execFile)

const cmd = join(system32, 'cmd.exe')

/** What programs of Windows expect in their environment. The names of the agent's own settings are not among them. */
const inheritedVariables = [
  'ALLUSERSPROFILE',
  'APPDATA',
  'CommonProgramFiles',
  'CommonProgramFiles(x86)',
  'CommonProgramW6432',
  'COMPUTERNAME',
  'ComSpec',
  'DriverData',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'NUMBER_OF_PROCESSORS',
  'OS',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROCESSOR_IDENTIFIER',
  'ProgramData',
  'ProgramFiles',
  'ProgramFiles(x86)',
  'ProgramW6432',
  'PSModulePath',
  'PUBLIC',
  'SystemDrive',
  'SystemRoot',
  'TEMP',
  'TMP',
  'USERDOMAIN',
  'USERNAME',
  'USERPROFILE',
  'windir',
]

/** A shell command that reboots the machine, for hosts with a procedure of their own. */
const rebootCommandVariable = 'CHANDLER_AGENT_REBOOT_COMMAND'

/** UV_FS_O_EXLOCK of libuv: open a file for this process alone. */
const exclusively = 0x10000000

export function createWindowsPlatform(): Platform {
  const machine = readHostMachine()
  const bootId = machine.get('boot') ?? ''
  return {
    family: 'windows',
    bootId,
    // A volume is always mounted with all that was written to it.
    findMount: (path) => parse(path).root,
    reboot,
    findShutdown: () => Promise.resolve('up'),
    isPrivileged: machine.get('administrator') === '1',
    canRunAs: false,
    currentUserName: userInfo().username,
    baseEnvironment: Object.fromEntries(
      inheritedVariables.flatMap((name) => {
        const value = process.env[name]
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    identifyProcess(pid) {
      const created = askWindowsHost('identify', String(pid))?.trim()
      return created === undefined ? undefined : `${pid}@${created}`
    },
    findUser: () => Promise.resolve(undefined),
    findObstacle: () => Promise.resolve(undefined),
    encodeScript: encodeWindowsScript,
    findInterpreter(script, scriptPath, searchPath) {
      const start = startWindowsScript(script, scriptPath, cmd, (name) => findProgram(name, searchPath))
      return 'missing' in start ? start : { argv: [start.commandLine], isVerbatim: true }
    },
    prepareSupervised: () => Promise.resolve(),
    startSupervised: startWindowsSupervised,
    inspectSupervised: inspectWindowsSupervised,
    // They end with their supervisor.
    findOrphanedSession: () => undefined,
    keepClaim: keepWindowsClaim,
    // It is open while the supervisor runs, so it cannot be lost.
    restoreClaim: hasWindowsClaim,
    wasStarted: wasWindowsStarted,
    settleOutput: settleWindowsOutput,
    preventSupervised: preventWindowsSupervised,
    listTree: listWindowsTree,
    signalTree: endWindowsTree,
    removeTree: removeWindowsTree,
    moveTree: moveWindowsTree,
    giveFile: () => {},
    giveDirectory: () => Promise.resolve(),
    allowPassage: () => {},
    findOpenFiles: (paths) => Promise.resolve(new Set(paths.filter(isOpen))),
    releaseSpace: () => Promise.resolve(),
    findProcesses,
    findPackageVersion: findWindowsPackageVersion,
  }
}

async function reboot(): Promise<void> {
  const own = process.env[rebootCommandVariable]
  const [program, args] = own
    ? [cmd, ['/d', '/s', '/c', own]]
    : [join(system32, 'shutdown.exe'), ['/r', '/t', '0', '/d', 'p:4:2']]
  try {
    await run(program, args, { windowsHide: true, windowsVerbatimArguments: own !== undefined, timeout: 120_000 })
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string }
    throw new Error(`the command "${own ?? 'shutdown /r'}" failed (${String(code)}): ${stderr.trim()}`, {
      cause: error,
    })
  }
}

const removeAttempts = 10
const removePauseMs = 200

/**
 * For 2 s: a virus scanner has files open for a moment, a daemon has its working directory in use for good. (The retries of
 * Node.js are per folder, and take a minute for two of them.)
 */
async function removeWindowsTree(path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rm(path, { recursive: true, force: true })
    } catch (error) {
      const isInUse = isLocked(error) || (error as NodeJS.ErrnoException).code === 'ENOTEMPTY'
      if (!isInUse || attempt === removeAttempts) throw error
      await setTimeout(removePauseMs)
    }
  }
}

function findProgram(name: 'powershell.exe' | 'pwsh.exe', searchPath: string): string | undefined {
  const own = join(system32, 'WindowsPowerShell', 'v1.0', name)
  const folders = searchPath.split(';').filter((folder) => folder !== '')
  const places = [...(name === 'powershell.exe' ? [own] : []), ...folders.map((folder) => join(folder, name))]
  return places.find((place) => existsSync(place))
}

/** A folder with open files cannot be renamed; the files themselves can, as their openers share them. */
function moveWindowsTree(from: string, to: string): void {
  try {
    return renameSync(from, to)
  } catch (error) {
    if (!isLocked(error)) throw error
  }
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) moveWindowsTree(source, target)
    else replaceFileSync(source, target)
  }
  rmSync(from, { recursive: true, maxRetries: 10, retryDelay: 100 })
}

function isOpen(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDWR | exclusively))
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    if (isLocked(error)) return true
    throw error
  }
}

/** By the name of the executable, with or without `.exe`, in any case. */
function findProcesses(name: string): number[] {
  const wanted = name.toLowerCase()
  return parseHostList(askWindowsHost('processes') ?? '')
    .filter(({ text }) => [wanted, `${wanted}.exe`].includes(text.toLowerCase()))
    .map(({ pid }) => pid)
}
