import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runTool } from './run-tool.ts'

/**
 * Downloads Debian packages, which apt verifies, and unpacks them into `target` without installing them. With the lists of
 * packages of this machine, or with new ones if it has none or old ones.
 * @throws Error if this machine has no apt, or its mirror has no such package
 */
export function unpackDebianPackages(names: readonly string[], target: string): void {
  const download = join(target, 'download')
  const lists = join(target, 'lists')
  for (const folder of [download, join(lists, 'partial')]) mkdirSync(folder, { recursive: true })
  const options = ['-qq', '-o', 'APT::Sandbox::User=root']
  const ownLists = [...options, '-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${lists}`]
  try {
    runTool('apt-get', [...options, 'download', ...names], { cwd: download })
  } catch {
    runTool('apt-get', [...ownLists, 'update'])
    runTool('apt-get', [...ownLists, 'download', ...names], { cwd: download })
  }
  for (const file of readdirSync(download)) runTool('dpkg-deb', ['--extract', join(download, file), target])
}
