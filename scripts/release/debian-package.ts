import { chmodSync, cpSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageOptions } from './package-options.ts'
import { releasePlatforms } from './platforms.ts'
import { runTool } from './run-tool.ts'
import { settleTree } from './settle-tree.ts'
import { layOutSystemFiles } from './system-files.ts'

/** Builds the .deb of a platform with dpkg-deb and returns its file name. */
export function buildDebianPackage(options: PackageOptions): string {
  const { projectDirectory, platform, version, workDirectory, outputDirectory, epoch, isFast } = options
  const arch = releasePlatforms[platform].deb
  const root = join(workDirectory, `deb-${platform}`)
  layOutSystemFiles(root, options)
  const documents = join(root, 'usr/share/doc/chandler')
  cpSync(join(projectDirectory, 'LICENSE'), join(documents, 'copyright'))
  const paths = settleTree(root, epoch)
  const files = paths.filter((path) => lstatSync(join(root, path)).isFile())
  const control = join(root, 'DEBIAN')
  mkdirSync(control)
  const sizeKib = Math.ceil(files.reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0) / 1024)
  const template = readFileSync(join(projectDirectory, 'packaging/deb/control'), 'utf8')
  writeFileSync(
    join(control, 'control'),
    template.replace('@VERSION@', version).replace('@ARCH@', arch).replace('@SIZE@', String(sizeKib)),
  )
  writeFileSync(join(control, 'conffiles'), '/etc/chandler/chandler.yaml\n')
  for (const script of ['postinst', 'prerm', 'postrm']) {
    cpSync(join(projectDirectory, 'packaging/deb', script), join(control, script))
    chmodSync(join(control, script), 0o755)
  }
  settleTree(control, epoch)
  chmodSync(join(root, 'etc/chandler/chandler.yaml'), 0o640)
  const name = `chandler_${version}_${arch}.deb`
  runTool(
    'dpkg-deb',
    [
      '--root-owner-group',
      ...(isFast ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6']),
      '--build',
      root,
      join(outputDirectory, name),
    ],
    { environment: { SOURCE_DATE_EPOCH: String(epoch) } },
  )
  rmSync(root, { recursive: true })
  return name
}
