import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageOptions } from './package-options.ts'
import { runTool } from './run-tool.ts'

/**
 * Lays out the files of a system package below `root`: the program, its link in the path, the unit
 * and the settings file.
 */
export function layOutSystemFiles(root: string, { projectDirectory, tree }: PackageOptions): void {
  rmSync(root, { recursive: true, force: true })
  for (const folder of ['usr/bin', 'usr/lib/systemd/system', 'etc/chandler', 'usr/share/doc/chandler'])
    mkdirSync(join(root, folder), { recursive: true })
  // Hard links: the tree has 200 MB, and nobody changes its files.
  runTool('cp', ['-al', tree, join(root, 'usr/lib/chandler')])
  symlinkSync('../lib/chandler/bin/chandler', join(root, 'usr/bin/chandler'))
  cpSync(join(projectDirectory, 'packaging/chandler.service'), join(root, 'usr/lib/systemd/system/chandler.service'))
  cpSync(join(projectDirectory, 'packaging/chandler.yaml'), join(root, 'etc/chandler/chandler.yaml'))
}
