import { ChandlerError } from '../../../core/error/errors.ts'
import type { AgentArch, AgentBundleRef } from '../../../core/instance/agent-program.ts'
import type { OsFamily } from '../../../core/instance/facts.ts'
import type { ByteRange } from '../../../objects/object-store.ts'

/** A tar.gz with everything that an agent needs: an executable, or sources with their Node.js. */
export interface AgentBundle extends AgentBundleRef {
  readonly version: string
  read(range?: ByteRange): AsyncIterable<Uint8Array>
  /** The executable in it, for machines that cannot unpack; absent if the agent runs on Node.js. */
  readonly executable?: AgentExecutable | undefined
}

/** A file of a bundle. */
export interface AgentFile {
  readonly sha256: string
  readonly sizeBytes: number
  read(): AsyncIterable<Uint8Array>
}

export interface AgentExecutable extends AgentFile {
  /** The C library that it brings, by the names of its files, with the program that starts it. */
  readonly libraries: ReadonlyMap<string, AgentFile>
}

/** The agent bundles of this server. */
export interface AgentBundles {
  /** @param os absent: linux. @throws AgentBundleUnavailable */
  open(arch: AgentArch, os?: OsFamily): Promise<AgentBundle>
  /** The bundle with this digest; undefined if this server has no such bundle. */
  find(sha256: string): Promise<AgentBundle | undefined>
}

/** Whether a server provides no agent for an architecture. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof ChandlerError && error.code === 'AgentBundleUnavailable'
