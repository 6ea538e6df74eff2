import { chmodSync, cpSync, lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findMissingLinks, makeLinks } from '../../src/server/embedded-postgres/library-links.ts'
import { type PlatformName, releasePlatforms } from './platforms.ts'
import { runTool } from './run-tool.ts'

/** Only compilers, tests and readers use these files of npm packages; licences stay. */
const unneeded = /\.(?:[cm]?ts|map|md|markdown)$|\.test\.[cm]?js$|^\.bin$|^\.package-lock\.json$/

/**
 * Builds the installed program for a platform in `target`: the npm package with its dependencies,
 * agents for all platforms, its Node.js and PostgreSQL, which npm verifies against the hashes of the lock file.
 */
export async function buildPlatformTree(
  npmPackage: string,
  agentExecutables: string,
  target: string,
  platform: PlatformName,
): Promise<void> {
  rmSync(target, { recursive: true, force: true })
  cpSync(npmPackage, target, { recursive: true })
  cpSync(agentExecutables, join(target, 'agent'), { recursive: true })
  const { npmCpu } = releasePlatforms[platform]
  // Install scripts would run for another platform, and no dependency needs one.
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--omit=dev']
  runTool('npm', ['ci', '--os=linux', `--cpu=${npmCpu}`, '--libc=glibc', ...options], { cwd: target })
  const modules = join(target, 'node_modules')
  removeUnneeded(modules)
  const runtime = join(modules, `node-linux-${npmCpu}`)
  for (const name of readdirSync(runtime))
    if (!['bin', 'LICENSE', 'package.json'].includes(name)) rmSync(join(runtime, name), { recursive: true })
  const native = join(modules, `@embedded-postgres/linux-${npmCpu}/native`)
  // npm packages cannot contain links, and an installed package is read-only for the server.
  await makeLinks(await findMissingLinks(native))
  const launcher = join(target, 'bin/chandler')
  writeFileSync(
    launcher,
    `#!/bin/sh
# Starts the command line with the Node.js of this installation.
here=$(dirname "$(readlink -f "$0")") || exit 1
exec "$here/../node_modules/node-linux-${npmCpu}/bin/node" "$here/chandler.mjs" "$@"
`,
  )
  chmodSync(launcher, 0o755)
  renameSync(join(target, 'npm-shrinkwrap.json'), join(target, 'package-lock.json'))
}

function removeUnneeded(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const found = lstatSync(path)
    if (unneeded.test(name) && !/^licen[cs]e/i.test(name)) rmSync(path, { recursive: true })
    else if (found.isDirectory()) removeUnneeded(path)
  }
}
