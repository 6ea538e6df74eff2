import type { OsFamily } from '../../core/instance/facts.ts'

/**
 * Everything the engine needs from the operating system and cannot say in Node.js alone. One implementation for each family
 * (linux.ts); nothing outside this folder may assume one.
 */
export interface Platform {
  readonly family: OsFamily
  /** Names this start of the operating system: processes of another start are gone for certain. */
  readonly bootId: string
  /** Names the mount that a path is on: what was not flushed to an earlier mount may be lost, as after another start. */
  findMount(path: string): string
  /** Whether the agent may change the machine: root on Linux. */
  readonly isPrivileged: boolean
  /** Sticks to one process for ever, unlike its id alone; undefined if there is no such process. */
  identifyProcess(pid: number): string | undefined
  /** What every script inherits: the search path, the home directory, the language. */
  readonly baseEnvironment: Readonly<Record<string, string>>
  /** Undefined if there is no such user. */
  findUser(name: string): Promise<OsUser | undefined>
  readonly currentUserName: string
  /** Words that run a script: its interpreter, then the script's path. `searchPath` is where `env NAME` looks. */
  findInterpreter(script: string, scriptPath: string, searchPath: string): Interpreter
  /** Why `user` cannot reach the path, or undefined. */
  findObstacle(path: string, user: OsUser): Promise<string | undefined>

  /**
   * Makes `directory` ready for a command that is about to be started there. It is in `stateDirectory`, where what many commands need may be
   * kept in stock.
   */
  prepareSupervised(directory: string, user: OsUser | undefined, stateDirectory: string): Promise<void>
  /**
   * Starts a supervisor that outlives the agent. It claims `directory`, runs the command in a session of its own with stdin empty, and when
   * the command's own process exits it leaves the exit status in `directory`. Output goes to the files `stdout` and `stderr` there. Throws if
   * it cannot be started.
   */
  startSupervised(command: SupervisedCommand): SupervisedChild
  /** What has become of the command that was started in a directory, by this agent or an earlier one. */
  inspectSupervised(directory: string): SupervisedState
  /**
   * Of a command whose supervisor is gone: the id of its session, if processes of it are left that have `variable` (NAME=value) in their
   * environment. Their presence proves that the id was not given to anybody else since.
   */
  findOrphanedSession(directory: string, variable: string): number | undefined
  /**
   * Waits until the claim is there and on disk. False if no command has begun by the time `isOver` says so. Rejects if the disk cannot take it:
   * the command runs all the same.
   */
  keepClaim(directory: string, isOver: () => boolean): Promise<boolean>
  /** Finds the supervisor of a directory that lost its claim, and puts the claim back. False if none runs. */
  restoreClaim(directory: string): boolean
  /** Whether a supervisor was started for a directory, whatever became of it. */
  wasStarted(directory: string): boolean
  /** After the end of a command: waits until all it printed is in its files, and tells where it ends there. */
  settleOutput(directory: string): Promise<OutputEnd>
  /** Takes the claim a supervisor would need. True: no command began in `directory`, and none ever will. */
  preventSupervised(directory: string): boolean
  /** The processes of a supervised command that are left: its session, its process group and their descendants, those of `known` too. */
  listTree(supervisorPid: number, known: ReadonlySet<string>): TreeProcess[]
  signalTree(processes: readonly TreeProcess[], signal: 'terminate' | 'kill'): void

  /** Removes a directory and all that is in it, also where another user changes it meanwhile; does nothing if it is not there. */
  removeTree(path: string): Promise<void>
  /** Those of `paths` that some process has open. */
  findOpenFiles(paths: readonly string[]): Promise<Set<string>>
  /** Gives back the disk space of a part of a file; its size and the bytes elsewhere stay. Does nothing where that is impossible. */
  releaseSpace(path: string, from: number, to: number): Promise<void>
  /** Ids of running processes with this name: of the executable, of the program file, or as the kernel has it. */
  findProcesses(name: string): number[]
  /** Version of an installed OS package; undefined if it is not installed. Rejects if there is no package manager that can tell. */
  findPackageVersion(name: string): Promise<string | undefined>
}

export interface OsUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

export type Interpreter = { readonly argv: readonly string[] } | { readonly missing: string }

export interface SupervisedCommand {
  /** Absolute; holds nothing of an earlier command. */
  readonly directory: string
  readonly argv: readonly string[]
  readonly workDir: string
  readonly environment: Readonly<Record<string, string>>
  /** Whom it runs as; absent = the agent's own user. */
  readonly user?: OsUser | undefined
}

/** How many bytes of its files a command printed; what a daemon adds later comes after them. */
export interface OutputEnd {
  readonly stdout: number
  readonly stderr: number
}

/** Lives only as long as the agent that started it; `inspectSupervised` works for every agent. */
export interface SupervisedChild {
  /** Calls back when the supervisor has gone, with the exit code it gave if it gave one. */
  onExit(listener: (code: number | undefined) => void): void
}

export type SupervisedState =
  /** No supervisor has claimed the directory (yet). */
  | { readonly state: 'unclaimed' }
  /** preventSupervised was faster: it never began and never will. */
  | { readonly state: 'prevented' }
  /** Claimed a moment ago; not yet clear by whom. */
  | { readonly state: 'starting' }
  | { readonly state: 'running'; readonly pid: number; readonly ranMs: number }
  | { readonly state: 'ended'; readonly end: ProcessEnd }
  /** The supervisor is gone and left no exit status: it was killed, or the machine was. */
  | { readonly state: 'gone' }

/** `likeSignal`: a code by which a shell may mean that its last command was ended by this signal. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly likeSignal?: string | undefined }
  | { readonly kind: 'signal'; readonly signal: string }

export interface TreeProcess {
  readonly pid: number
  /** As identifyProcess says it. */
  readonly identity: string
}
