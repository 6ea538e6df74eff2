import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { OperatorError } from '../../lib/operator-error.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import { lockDataDirectory } from './data-directory-lock.ts'

/** The folder that holds a server's files on disk; exclusively ours until `release`. */
export interface DataDirectory {
  /** Absolute path. */
  path: string
  /** Created at the first use; unchanged when the folder is moved or mounted elsewhere. */
  id: string
  /** The name of the file with the id in this folder; written once and never replaced. */
  identityFile: string
  /**
   * Releases the lock, so that another server can use the folder. The end of the process releases
   * it too.
   */
  release: () => void
}

const identityFile = 'data-directory.json'
const identitySchema = z.object({ format: z.literal(1), id: z.string().regex(/^[0-9a-f]{16}$/) })

/**
 * Creates the folder (0700) if it is missing and locks it.
 * @throws OperatorError if another server holds it, if it cannot be written, or if it contains
 * other files
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const absolutePath = resolve(path)
  try {
    await makePrivateDirectory(absolutePath)
    const release = await lockDataDirectory(absolutePath)
    try {
      return { path: absolutePath, id: await readOrMakeIdentity(absolutePath), identityFile, release }
    } catch (error) {
      release()
      throw error
    }
  } catch (error) {
    throw explain(error, absolutePath)
  }
}

async function makePrivateDirectory(path: string): Promise<void> {
  // The parents get the default permissions, so that a separate database user can traverse them.
  await mkdir(dirname(path), { recursive: true })
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await readdir(path)
  if (!found.includes(identityFile) && found.some((name) => !mayBeThereBefore(name))) {
    throw new OperatorError(
      `${path} is not empty and is not a data directory of Chandler (it holds ${found.slice(0, 3).join(', ')}). Name a new or an empty folder with --data.`,
    )
  }
  if (found.includes(identityFile)) await refuseForeignRoot(path)
  // Only the owner has access; traversal by the group remains, because it may have been granted to
  // a database user.
  const { mode } = await stat(path)
  if ((mode & 0o067) !== 0) await chmod(path, mode & 0o710)
}

/**
 * Root could use the data directory of another user, but files that it creates there would keep
 * that user's server from starting.
 */
async function refuseForeignRoot(path: string): Promise<void> {
  const { uid } = await stat(join(path, identityFile))
  if (process.getuid?.() !== 0 || uid === 0) return
  throw new OperatorError(
    `The data directory ${path} belongs to the user with the id ${uid}, and this command runs as root. Run it as that user: runuser -u "$(id -nu ${uid})" -- chandler server …`,
  )
}

/** Files of an interrupted first start, and those that a new file system contains. */
const mayBeThereBefore = (name: string) =>
  name === 'lost+found' || name.startsWith('server.') || name.startsWith(identityFile)

async function readOrMakeIdentity(path: string): Promise<string> {
  const file = join(path, identityFile)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const id = randomBytes(8).toString('hex')
    await writeFileDurably(file, `${JSON.stringify({ format: 1, id })}\n`)
    return id
  }
  try {
    return identitySchema.parse(JSON.parse(text)).id
  } catch {
    throw new OperatorError(
      `${file} is damaged or was written by a newer Chandler. Restore it from a backup: it names the database of this folder.`,
    )
  }
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof OperatorError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'this user does not have write permission. Use another directory with --data, or change its owner',
    EPERM: 'it belongs to another user. Use another directory with --data, or change its owner',
    EROFS: 'its file system is read-only. Use another directory with --data',
    EEXIST: 'a part of the path is a file. Use another directory with --data',
    ENOTDIR: 'a part of the path is a file. Use another directory with --data',
    ENOSPC: 'its disk is full. Free disk space and start again',
  }
  const reason = code === undefined ? undefined : reasons[code]
  return reason === undefined
    ? error
    : new OperatorError(`The data directory ${path} cannot be used: ${reason}. (${message})`, { cause: error })
}
