import { constants, lstatSync, mkdirSync } from 'node:fs'
import { chmod, copyFile, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Artifact } from '../../core/extension/extension.ts'
import { makeReason } from '../../core/reason/reason.ts'
import { ArchiveError } from '../../lib/archive/archive-error.ts'
import { unpackArchive } from '../../lib/archive/unpack-archive.ts'
import { createUnpackedTree } from '../../lib/archive/unpacked-tree.ts'
import { StepError } from '../invocation/step-error.ts'
import type { OsUser, Platform } from '../platform/platform.ts'

export interface WorkspaceContent {
  readonly artifact?: Artifact | undefined
  /** The verified artifact in the local cache. */
  readonly artifactPath?: string | undefined
  readonly unpack: boolean
  /** Owner of the workspace; absent = the agent's own user. */
  readonly user?: OsUser | undefined
}

export interface Workspace {
  readonly directory: string
  /** Absolute path of the artifact in it. */
  readonly packagePath: string | undefined
}

/** The user of the script owns the workspace; no other user may enter it. */
const workspaceMode = 0o700

/**
 * Creates a new workspace (design §5), replacing an old one. Only the agent can write to its
 * parent. The workspace belongs to the agent until it is complete, so that the user cannot change
 * files while they are being written.
 */
export async function createWorkspace(
  platform: Platform,
  directory: string,
  content: WorkspaceContent,
  signal?: AbortSignal,
): Promise<Workspace> {
  const { artifact, artifactPath, unpack, user } = content
  await platform.removeTree(directory)
  mkdirSync(directory, { recursive: true, mode: workspaceMode })
  let packagePath: string | undefined
  if (artifact && artifactPath !== undefined) {
    if (unpack && (artifact.kind === 'tar' || artifact.kind === 'zip'))
      await unpackArtifact(artifact.kind, artifactPath, directory, signal)
    packagePath = join(directory, artifact.fileName)
    // Do not follow a link of that name.
    if (lstatSync(packagePath, { throwIfNoEntry: false }))
      throw new StepError('Unsupported', makeReason('ArchiveHoldsItself', { file: artifact.fileName }))
    await place(artifactPath, packagePath)
  }
  if (user) await platform.giveDirectory(directory, user, 'withContent')
  return { directory, packagePath }
}

/**
 * Recreates the directory, empty, if a script removed its own workspace: the next script needs a
 * working directory.
 */
export async function restoreWorkspace(platform: Platform, directory: string, user: OsUser | undefined): Promise<void> {
  if (lstatSync(directory, { throwIfNoEntry: false })) return
  makeWorkspaceParent(platform, dirname(directory), user)
  mkdirSync(directory, { mode: workspaceMode })
  if (user) await platform.giveDirectory(directory, user, 'alone')
}

/** Other users may pass through it only if a script runs as another user. */
export function makeWorkspaceParent(platform: Platform, directory: string, user: OsUser | undefined): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (user) platform.allowPassage(directory)
}

async function unpackArtifact(
  kind: 'tar' | 'zip',
  path: string,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await unpackArchive(kind, path, createUnpackedTree(directory), signal)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    throw new StepError('Unsupported', makeReason('ArchiveNotUnpacked', { kind, error: error.message }), {
      cause: error,
    })
  }
}

/**
 * A copy, as a reflink if the file system supports it: a script may change its package, or its user
 * may own it, and the cached one must stay intact and the agent's.
 */
async function place(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  // Writable for its owner on all systems; on Windows the mode is the attribute "read-only".
  await chmod(to, 0o644)
}

/** Throws DiskFull, with both numbers, if the disk of `directory` has less than `neededBytes`. */
export async function assertDiskSpace(
  directory: string,
  neededBytes: number,
  use: 'download' | 'workspace',
  file: string,
): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const freeBytes = bavail * bsize
  if (freeBytes < neededBytes)
    throw new StepError(
      'DiskFull',
      makeReason('DiskSpaceMissing', { use, file, path: directory, neededBytes, freeBytes }),
    )
}
