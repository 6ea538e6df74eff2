import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { z } from 'zod'
import type { AgentArch } from '../../core/instance/agent-program.ts'
import type { OsFamily } from '../../core/instance/facts.ts'
import type { BundleFile } from './bundle-file.ts'
import { isElfFor } from './elf-machine.ts'
import { findWindowsRuntime } from './windows-runtime.ts'

/** The reason why there is no bundle for an architecture, and what the operator has to do. */
export class NoRuntime extends Error {}

/**
 * The folders of this project that the agent imports (test/rules/layers.ts), and its npm packages;
 * docs/agent-closure.md lists all of it.
 */
const sourceFolders = ['src/agent', 'src/core', 'src/lib', 'src/protocol']
export const agentPackages = ['re2js', 'tar', 'ws', 'yauzl', 'zod']

/**
 * All files of an agent for this architecture, in a fixed order.
 * @param projectDirectory the server's own installation
 * @param runtimeDirectory may contain a Node.js for another architecture, `linux-ARCH/node`, or what
 * Windows needs, `windows-ARCH/node.exe` and `windows-ARCH/chandler-host.exe`
 * @param executablesDirectory of a release; the same for Windows
 * @throws NoRuntime
 */
export async function listBundleFiles(
  arch: AgentArch,
  {
    os = 'linux',
    projectDirectory,
    runtimeDirectory,
    executablesDirectory,
    version,
  }: {
    readonly os?: OsFamily
    readonly projectDirectory: string
    readonly runtimeDirectory: string
    readonly executablesDirectory?: string | undefined
    readonly version: string
  },
): Promise<BundleFile[]> {
  const own = (path: string, isExecutable = false): BundleFile => ({
    path: path.startsWith('../') ? `node_modules/${path.slice('../'.length)}` : path,
    isExecutable,
    content: { from: join(projectDirectory, path) },
  })
  const manifest = { name: 'chandler-agent', version, private: true, type: 'module' }
  // Before the sources are listed: most servers have no programs for Windows, and each lookup asks.
  const runtime =
    os === 'linux'
      ? await findRuntime(arch, projectDirectory, runtimeDirectory)
      : await requireWindowsRuntime(arch, [...(executablesDirectory ? [executablesDirectory] : []), runtimeDirectory])
  const sources = await Promise.all(sourceFolders.map((folder) => listFolder(projectDirectory, folder, isSource)))
  const packages = await Promise.all(
    (await findPackages(projectDirectory)).map((folder) => listFolder(projectDirectory, folder, isNeededOfPackage)),
  )
  const files = [
    ...(os === 'linux' ? [own('bin/chandler-agent', true)] : []),
    own('bin/chandler-agent.mjs'),
    own('LICENSE'),
    { path: 'package.json', isExecutable: false, content: { text: `${JSON.stringify(manifest, null, 2)}\n` } },
    ...runtime,
    ...sources.flat().map((path) => own(path)),
    ...packages.flat().map((path) => own(path)),
  ]
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function requireWindowsRuntime(arch: AgentArch, folders: readonly string[]): Promise<readonly BundleFile[]> {
  const found = await findWindowsRuntime(arch, folders)
  if ('obstacle' in found) throw new NoRuntime(found.obstacle)
  return found
}

/** TypeScript in a checkout, JavaScript in a release. */
const isSource = (name: string) => /\.[jt]s$/.test(name) && !name.endsWith('.test.ts')
/** Excludes files for compilers and readers; keeps licences. */
const isNeededOfPackage = (name: string) => /^licen[cs]e/i.test(name) || !/\.([cm]?ts|map|md)$/.test(name)

/** The files below a folder of the project, without links and nested packages. */
async function listFolder(project: string, folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(join(project, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && isWanted(entry.name))
    .map((entry) => relative(project, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.slice(folder.length).includes('/node_modules/'))
}

const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()).default({}) })

/**
 * The folders of the agent's npm packages and their dependencies, resolved as `import` resolves
 * them.
 */
async function findPackages(project: string): Promise<string[]> {
  const found = new Set<string>()
  async function add(name: string, from: string): Promise<void> {
    const folder = resolvePackage(project, name, from)
    if (found.has(folder)) return
    found.add(folder)
    const { dependencies } = packageSchema.parse(
      JSON.parse(await readFile(join(project, folder, 'package.json'), 'utf8')),
    )
    for (const dependency of Object.keys(dependencies).sort()) await add(dependency, folder)
  }
  for (const name of agentPackages) await add(name, '')
  return [...found]
}

/**
 * npm puts the packages into the project's own node_modules, or, where the project itself is an
 * installed npm package, beside it.
 */
function resolvePackage(project: string, name: string, from: string): string {
  const beside = `../${name}`
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (existsSync(join(project, candidate, 'package.json'))) return candidate
    if (folder !== '') continue
    if (isInstalledPackage(project) && existsSync(join(project, beside, 'package.json'))) return beside
    throw new NoRuntime(`the npm package ${name} is missing in the installation of the server: run "npm ci" there`)
  }
}

const isInstalledPackage = (project: string) => basename(join(project, '..')) === 'node_modules'

/**
 * The project's own Node.js is for the server's platform: npm installs only that package and checks
 * its hash. An operator can add one for another architecture to the data directory. The
 * architecture is read from the file itself, so that no instance gets a wrong one.
 */
async function findRuntime(arch: AgentArch, project: string, runtimeDirectory: string): Promise<BundleFile[]> {
  const laid = join(runtimeDirectory, `linux-${arch}`, 'node')
  const name = `node-linux-${npmArch[arch]}`
  const own = join(project, 'node_modules', name)
  const pinnedPackage = isInstalledPackage(project) && !existsSync(own) ? join(project, '..', name) : own
  const pinned = join(pinnedPackage, 'bin/node')
  const licence = join(pinnedPackage, 'LICENSE')
  const from = (await isElfFor(arch, laid)) ? laid : (await isElfFor(arch, pinned)) ? pinned : undefined
  if (from === undefined) {
    const what = existsSync(laid) ? `${laid} is no Linux program for ${arch}` : `it has no Node.js for linux ${arch}`
    throw new NoRuntime(
      `${what}; put the program "node" of Node.js 24 for linux-${npmArch[arch]} at ${laid}${existsSync(pinned) ? '' : ', or, for the server’s own architecture, run "npm ci" in its installation'}`,
    )
  }
  return [
    { path: 'bin/node', isExecutable: true, content: { from } },
    ...(existsSync(licence) ? [{ path: 'bin/node.LICENSE', isExecutable: false, content: { from: licence } }] : []),
  ]
}

const npmArch: Record<AgentArch, string> = { x86_64: 'x64', arm64: 'arm64' }
