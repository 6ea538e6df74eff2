import { once } from 'node:events'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { Unpack } from 'tar'
import { projectRoot } from '../rules/project-files.ts'

const recorded = new URL('previous-version/program.tar.br', import.meta.url)

/**
 * Unpacks the recorded program of an earlier release (scripts/record-previous-version.ts) into a new
 * folder. It runs with the packages of this checkout.
 */
export async function unpackPreviousRelease(folder: string): Promise<string> {
  await mkdir(folder)
  const unpack = new Unpack({ cwd: folder })
  unpack.end(await promisify(brotliDecompress)(await readFile(recorded)))
  await once(unpack, 'close')
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
