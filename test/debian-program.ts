import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

const run = promisify(execFile)

/**
 * The path of a program: from PATH, or on Debian from its package, which is unpacked into a temporary
 * folder and not installed. Undefined if this machine has neither.
 */
export async function findDebianProgram(name: string, packageName: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const installed = folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  if (installed !== undefined) return installed
  const folder = await mkdtemp(join(tmpdir(), 'chandler-debian-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  try {
    await run('apt-get', ['-qq', 'download', packageName], { cwd: folder })
    const [archive = ''] = await readdir(folder)
    await run('dpkg-deb', ['--extract', join(folder, archive), folder])
  } catch {
    return undefined
  }
  return [`usr/bin/${name}`, `usr/sbin/${name}`].map((path) => join(folder, path)).find((path) => existsSync(path))
}
