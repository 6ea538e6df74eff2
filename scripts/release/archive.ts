import { join } from 'node:path'
import { create } from 'tar'
import type { PackageOptions } from './package-options.ts'
import { settleTree } from './settle-tree.ts'

/** Builds the archive of a platform and returns its file name. */
export async function buildArchive(options: PackageOptions): Promise<string> {
  const { platform, version, tree, outputDirectory, epoch, isFast } = options
  const folder = `chandler-${version}-${platform}`
  const paths = settleTree(tree, epoch)
  await create(
    {
      file: join(outputDirectory, `${folder}.tar.gz`),
      cwd: tree,
      prefix: folder,
      gzip: { level: isFast ? 1 : 9 },
      portable: true,
      noDirRecurse: true,
      mtime: new Date(epoch * 1000),
    },
    paths,
  )
  return `${folder}.tar.gz`
}
