import type { OsFamily } from '../../core/instance/facts.ts'

/**
 * Everything that the engine needs from the operating system beyond the API of Node.js. One
 * implementation per OS family (linux.ts); code outside this folder must not assume one.
 */
export interface Platform {
  readonly family: OsFamily
  /**
   * Identifies the boot of the operating system: processes of another boot are gone for certain.
   */
  readonly bootId: string
  /**
   * Identifies the mount of a path: data that was not flushed to an earlier mount may be lost, as
   * after a reboot.
   */
  findMount(path: string): string
  /**
   * Starts a reboot of the machine. Resolves when the system has accepted it; rejects with what the
   * reboot command said.
   */
  reboot(): Promise<void>
  /**
   * The orderly shutdown that is in progress: `up` if there is none, or if that cannot be
   * determined.
   */
  findShutdown(): Promise<'up' | 'rebooting' | 'poweringOff'>
  /** Whether the agent may change the machine: root on Linux, an administrator on Windows. */
  readonly isPrivileged: boolean
  /** Whether scripts can run as another user than the agent's. */
  readonly canRunAs: boolean
  /** Identifies one process permanently, unlike its id alone; undefined if it does not exist. */
  identifyProcess(pid: number): string | undefined
  /** The environment that every script inherits: search path, home directory, language. */
  readonly baseEnvironment: Readonly<Record<string, string>>
  /** Undefined if the user does not exist. */
  findUser(name: string): Promise<OsUser | undefined>
  readonly currentUserName: string
  /** The file of a script, as its interpreter reads it. `ending` begins with a dot. */
  encodeScript(text: string): { readonly ending: ScriptEnding; readonly content: string }
  /**
   * The command line of a script: its interpreter, then the script's path. `searchPath` is the PATH
   * for `env NAME`.
   */
  findInterpreter(script: string, scriptPath: string, searchPath: string): Interpreter
  /** Why `user` cannot access the path, or undefined. */
  findObstacle(path: string, user: OsUser): Promise<UserObstacle | undefined>

  /**
   * Prepares `directory` for a command that starts there next. It is in `stateDirectory`, which may
   * hold a stock of resources for many commands.
   */
  prepareSupervised(directory: string, user: OsUser | undefined, stateDirectory: string): Promise<void>
  /**
   * Starts a supervisor that outlives the agent. It claims `directory`, runs the command in a
   * session of its own with empty stdin, and when the command's own process exits it writes the
   * exit status to `directory`. Output goes to the files `stdout` and `stderr` there. Throws if it
   * cannot start.
   */
  startSupervised(command: SupervisedCommand): SupervisedChild
  /** The state of the command that this or an earlier agent process started in a directory. */
  inspectSupervised(directory: string): SupervisedState
  /**
   * For a command whose supervisor is gone: its session id, if the session has processes with
   * `variable` (NAME=value) in their environment. These prove that the id was not reused.
   */
  findOrphanedSession(directory: string, variable: string): number | undefined
  /**
   * Waits until the claim is on disk. False if no command has started by the time `isOver` returns
   * true. Rejects if the disk fails: the command runs anyway.
   */
  keepClaim(directory: string, isOver: () => boolean): Promise<boolean>
  /**
   * For a directory that had no claim: finds a supervisor that lost its claim or is about to make
   * it, and makes the claim for it. True also if a supervisor has claimed by now; false if none
   * runs.
   */
  restoreClaim(directory: string): boolean
  /** Whether a supervisor was ever started for a directory. */
  wasStarted(directory: string): boolean
  /**
   * After the end of a command: waits until all of its output is in its files, and returns the end
   * offsets.
   */
  settleOutput(directory: string): Promise<OutputEnd>
  /**
   * Takes the claim that a supervisor would need. True: no command starts in `directory` from now
   * on. With `mayHaveRun`, its state is `gone` afterwards, otherwise `prevented`. False if a
   * supervisor has the claim.
   */
  preventSupervised(directory: string, mayHaveRun: boolean): boolean
  /**
   * The remaining processes of a supervised command: its session, its process group and their
   * descendants, including those of `known`.
   */
  listTree(supervisorPid: number, known: ReadonlySet<string>): TreeProcess[]
  /** Asks processes of that tree to end, or ends them. Where there is no way to ask, both end them. */
  signalTree(supervisorPid: number, processes: readonly TreeProcess[], signal: 'terminate' | 'kill'): void

  /**
   * Removes a directory recursively, even if another user changes it at the same time; does nothing
   * if it does not exist.
   */
  removeTree(path: string): Promise<void>
  /** Moves a directory within a file system, although processes may have files of it open. */
  moveTree(from: string, to: string): void
  /** Makes `user` the owner of a file that this process has open. */
  giveFile(file: number, user: OsUser): void
  /** Makes `user` the owner of a directory, or of all that is in it, too. Does not follow links. */
  giveDirectory(directory: string, user: OsUser, what: 'alone' | 'withContent'): Promise<void>
  /** Lets other users pass through a directory, without seeing what is in it. */
  allowPassage(directory: string): void
  /** Those of `paths` that some process has open. */
  findOpenFiles(paths: readonly string[]): Promise<Set<string>>
  /**
   * Frees the disk space of a range of a file; its size and other bytes do not change. No effect
   * where that is not supported.
   */
  releaseSpace(path: string, from: number, to: number): Promise<void>
  /**
   * Ids of running processes with this name: of the executable, of the program file, or as the
   * kernel has it.
   */
  findProcesses(name: string): number[]
  /**
   * Version of an installed OS package; undefined if it is not installed. Rejects without a
   * supported package manager.
   */
  findPackageVersion(name: string): Promise<string | undefined>
}

/** Endings of script files. cmd and PowerShell decide by them what a file is. */
export const scriptEndings = ['.script', '.cmd', '.ps1'] as const
export type ScriptEnding = (typeof scriptEndings)[number]

export interface OsUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

export type Interpreter =
  | { readonly argv: readonly string[]; readonly isVerbatim?: boolean }
  | { readonly missing: string }

export interface SupervisedCommand {
  /** Absolute; contains nothing from an earlier command. */
  readonly directory: string
  readonly argv: readonly string[]
  /** On Windows: the arguments form the command line as they are, without quotes added. */
  readonly isVerbatim?: boolean | undefined
  readonly workDir: string
  readonly environment: Readonly<Record<string, string>>
  /** The user to run as; absent = the agent's own user. */
  readonly user?: OsUser | undefined
}

/** Number of bytes that a command printed to its files; a daemon may append more later. */
export interface OutputEnd {
  readonly stdout: number
  readonly stderr: number
}

/**
 * Valid only during the life of the agent that started it; `inspectSupervised` works for every
 * agent.
 */
export interface SupervisedChild {
  /** Called when the supervisor has ended, with its exit code if it reported one. */
  onExit(listener: (code: number | undefined) => void): void
}

/** Why a user cannot access a path: a missing program of the system, or a directory that the user may not enter. */
export type UserObstacle = { readonly kind: 'noSetpriv' } | { readonly kind: 'mayNotEnter'; readonly directory: string }

export type SupervisedState =
  /** No supervisor has claimed the directory (yet). */
  | { readonly state: 'unclaimed' }
  /** preventSupervised was faster: the command never started and never will. */
  | { readonly state: 'prevented' }
  /** Claimed a moment ago; the owner is not known yet. */
  | { readonly state: 'starting' }
  | { readonly state: 'running'; readonly pid: number; readonly ranMs: number }
  | { readonly state: 'ended'; readonly end: ProcessEnd }
  /** The supervisor has ended without an exit status: it was killed, or the machine failed. */
  | { readonly state: 'gone' }

/** `likeSignal`: a code with which a shell may report that this signal ended its last command. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly likeSignal?: string | undefined }
  | { readonly kind: 'signal'; readonly signal: string }

export interface TreeProcess {
  readonly pid: number
  /** In the format of identifyProcess. */
  readonly identity: string
}
