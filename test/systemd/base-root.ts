import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sha256Of } from '../../src/lib/digest.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('build-root.sh', import.meta.url))
const cacheDirectory = fileURLToPath(new URL('../../.cache/systemd', import.meta.url))

/**
 * The archive that build-root.sh makes. The first call after a change of that script, or of the packages of this machine,
 * installs the packages, which takes about 30 s; concurrent calls wait for it.
 */
export async function prepareBaseRoot(): Promise<string> {
  const key = sha256Of((await readFile(script, 'utf8')) + (await readFile('/var/lib/dpkg/status', 'utf8')))
  const archive = join(cacheDirectory, `root-${key.slice(0, 16)}.tar`)
  await mkdir(cacheDirectory, { recursive: true })
  await run('sh', [script, archive], { maxBuffer: 64 * 1024 * 1024 })
  const others = (await readdir(cacheDirectory)).filter(
    (name) => /^root-.*\.tar$/.test(name) && name !== basename(archive),
  )
  for (const name of others) await rm(join(cacheDirectory, name), { force: true })
  return archive
}
