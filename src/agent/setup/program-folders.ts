import { randomBytes } from 'node:crypto'
import {
  cp,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAgentProgram, nameAgentBundle, versionOfAgentProgram } from '../../core/instance/agent-program.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { replaceFile } from '../../lib/replace-file.ts'
import { syncDirectory } from '../../lib/write-file-durably.ts'

/** The name of the program's folder in the prefix; undefined if the program is elsewhere. */
export async function findOwnVersion(prefix: string, programFolder: string): Promise<string | undefined> {
  const real = await orUndefined(realpath(prefix))
  const own = await realpath(programFolder)
  return real === dirname(own) && (await isProgram(own)) ? basename(own) : undefined
}

/** Names of the folders in the prefix that hold an agent, sorted; other folders belong to somebody else. */
export async function listInstalledVersions(prefix: string): Promise<string[]> {
  const names = (await orUndefined(readdir(prefix))) ?? []
  const isVersion = await Promise.all(names.map((name) => isProgram(join(prefix, name))))
  return names.filter((_, index) => isVersion[index]).sort()
}

/** The name that PREFIX/current points to, or that the file of Windows contains; undefined if there is neither. */
export async function readCurrent(prefix: string): Promise<string | undefined> {
  const target = await readlink(join(prefix, 'current')).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EINVAL'].includes(error.code ?? '')) return undefined
    throw error
  })
  if (target !== undefined) return basename(target)
  const name = (await orUndefined(readFile(currentFileOf(prefix), 'latin1')))?.trim() ?? ''
  return isAgentProgram(name) ? name : undefined
}

/** On Windows, where links need a privilege: one line with the name. The service host reads it, too. */
export const currentFileOf = (prefix: string): string => join(prefix, 'current.txt')

/** Points PREFIX/current to a version, in one step: who starts the agent meanwhile gets either version. */
export async function switchCurrent(prefix: string, version: string): Promise<void> {
  const draft = join(prefix, `.current.${randomBytes(6).toString('hex')}`)
  try {
    await symlink(version, draft)
    await rename(draft, join(prefix, 'current'))
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncDirectory(prefix)
}

/**
 * Moves an unpacked program to PREFIX/NAME, where it appears with all its files or not at all.
 * @param isWithOwnLibraries this machine has no C library that the program could use
 * @returns false if it was there already
 */
export async function placeProgram(
  from: string,
  prefix: string,
  name: string,
  isWithOwnLibraries = false,
): Promise<boolean> {
  const folder = join(prefix, name)
  if (await isProgram(folder)) return false
  const draft = join(prefix, `.upgrade.${randomBytes(6).toString('hex')}`)
  const archive = nameAgentBundle(versionOfAgentProgram(name) ?? '')
  try {
    await mkdir(draft, { mode: 0o755 })
    for (const entry of await readdir(from)) if (entry !== archive) await move(join(from, entry), join(draft, entry))
    if (isWithOwnLibraries) await startWithOwnLibraries(draft)
    if (!(await isProgram(draft))) throw new OperatorError(`${from} does not contain an agent`)
    await rm(folder, { recursive: true, force: true })
    await replaceFile(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
  await syncDirectory(prefix)
  return true
}

/** Also between file systems. */
async function move(from: string, to: string): Promise<void> {
  try {
    await replaceFile(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await cp(from, to, { recursive: true, errorOnExist: true, force: false })
  }
}

/** Removes a folder; one that holds files stays, and `onFiles` is called. */
export async function removeIfEmpty(folder: string, onFiles: () => void): Promise<void> {
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    onFiles()
  })
}

/** An executable, one that brings its own C library, or Node.js with its script. */
async function isProgram(folder: string): Promise<boolean> {
  const found = await orUndefined(lstat(folder))
  if (found === undefined || !found.isDirectory()) return false
  const [program, carrying, node, nodeOfWindows, script] = await Promise.all(
    ['chandler-agent', 'chandler-agent.elf', 'node', 'node.exe', 'chandler-agent.mjs'].map(async (name) =>
      (await orUndefined(stat(join(folder, 'bin', name))))?.isFile(),
    ),
  )
  if ((node || nodeOfWindows) && script) return true
  return program === true && isElf(join(folder, 'bin', carrying ? 'chandler-agent.elf' : 'chandler-agent'))
}

/** An agent that brings its own C library: an upgrade has to start with its own, too. */
export const bringsLibraries = async (folder: string): Promise<boolean> =>
  (await orUndefined(stat(join(folder, 'bin/chandler-agent.elf')))) !== undefined

/** Makes an unpacked executable start with the C library in its `lib`; install.sh does the same. */
async function startWithOwnLibraries(folder: string): Promise<void> {
  await rename(join(folder, 'bin/chandler-agent'), join(folder, 'bin/chandler-agent.elf'))
  await rename(join(folder, 'lib/chandler-agent'), join(folder, 'bin/chandler-agent'))
}

async function isElf(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && buffer.readUInt32BE(0) === 0x7f454c46
  } finally {
    await file.close()
  }
}

/** Undefined for what is not there. */
export const orUndefined = <Found>(finding: Promise<Found>): Promise<Found | undefined> =>
  finding.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
