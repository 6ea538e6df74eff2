import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageOptions } from './package-options.ts'
import { releasePlatforms } from './platforms.ts'
import { runTool } from './run-tool.ts'
import { settleTree } from './settle-tree.ts'
import { layOutSystemFiles } from './system-files.ts'

/**
 * Builds the .rpm of a platform with rpmbuild and returns its file name.
 * @throws Error if rpmbuild is not installed
 */
export function buildRpmPackage(options: PackageOptions): string {
  const { projectDirectory, platform, version, workDirectory, outputDirectory, epoch, isFast } = options
  const arch = releasePlatforms[platform].rpm
  const folder = join(workDirectory, `rpm-${platform}`)
  const root = join(folder, 'root')
  layOutSystemFiles(root, options)
  cpSync(join(projectDirectory, 'LICENSE'), join(root, 'usr/share/doc/chandler/LICENSE'))
  settleTree(root, epoch)
  const packages = join(folder, 'packages')
  mkdirSync(packages)
  const macros = {
    _topdir: folder,
    _rpmdir: packages,
    _rpmfilename: '%{name}-%{version}-%{release}.%{arch}.rpm',
    _binary_payload: isFast ? 'w1.gzdio' : 'w7.zstdio',
    _buildhost: 'reproducible',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    chandler_version: version,
    chandler_root: root,
  }
  runTool(
    'rpmbuild',
    [
      '-bb',
      `--target=${arch}-linux`,
      ...Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
      join(projectDirectory, 'packaging/rpm/chandler.spec'),
    ],
    { environment: { SOURCE_DATE_EPOCH: String(epoch) } },
  )
  const [name] = readdirSync(packages)
  if (name === undefined) throw new Error('rpmbuild built no package')
  cpSync(join(packages, name), join(outputDirectory, name))
  rmSync(folder, { recursive: true })
  return name
}
