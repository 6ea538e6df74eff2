import { constants, existsSync, mkdirSync, rmSync } from 'node:fs'
import { chmod, chown, copyFile, lchown, link, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../core/extension.ts'
import type { OsUser } from './platform/platform.ts'
import { StepError } from './step-error.ts'
import { unpackArchive } from './unpack.ts'

export interface WorkspaceContent {
  readonly artifact?: Artifact | undefined
  /** The verified artifact in the local cache. */
  readonly artifactPath?: string | undefined
  readonly unpack: boolean
  /** Whom the workspace belongs to; absent = the agent's own user. */
  readonly user?: OsUser | undefined
}

export interface Workspace {
  readonly directory: string
  /** Absolute path of the artifact in it. */
  readonly packagePath: string | undefined
}

/** Larger artifacts are linked to the cache: a script that changes its package in place is rare, a disk that holds them twice is rarer. */
const maxCopyBytes = 256 * 1024 * 1024

/** Makes a fresh workspace (design §5); whatever was at its place is gone. Its parent must be a directory nobody else can write to. */
export async function createWorkspace(directory: string, content: WorkspaceContent): Promise<Workspace> {
  const { artifact, artifactPath, unpack, user } = content
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  let packagePath: string | undefined
  if (artifact && artifactPath !== undefined) {
    if (unpack && (artifact.kind === 'tar' || artifact.kind === 'zip'))
      await unpackArchive(artifact.kind, artifactPath, directory)
    packagePath = join(directory, artifact.fileName)
    if (existsSync(packagePath))
      throw new StepError(
        'Unsupported',
        `${artifact.fileName} holds an entry of its own name; there is no place for both.`,
      )
    await place(artifactPath, packagePath, artifact.sizeBytes)
  }
  if (user) await giveTo(user, directory)
  return { directory, packagePath }
}

/** A copy shares its blocks where the file system can; a script may change its package, and the one in the cache must stay whole. */
async function place(from: string, to: string, sizeBytes: number): Promise<void> {
  if (sizeBytes > maxCopyBytes) return link(from, to)
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, 0o644)
}

async function giveTo({ uid, gid }: OsUser, directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    await lchown(join(entry.parentPath, entry.name), uid, gid)
  await chown(directory, uid, gid)
}

/** Throws DiskFull, with both numbers, if `neededBytes` do not fit on the disk of `directory`. */
export async function assertDiskSpace(directory: string, neededBytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const freeBytes = bavail * bsize
  if (freeBytes < neededBytes)
    throw new StepError(
      'DiskFull',
      `${what} needs ${neededBytes} bytes on the disk of ${directory}, and ${freeBytes} are free. Make room and try again.`,
    )
}
