import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from '../../src/server/console/build-console.ts'
import { builtConsoles } from '../../src/server/console/built-consoles.ts'
import { findConsoleStamp } from '../../src/server/console/console-stamp.ts'
import { cutLockFile, type LockFile, listImportedPackages } from './production-packages.ts'
import { runTool } from './run-tool.ts'

export const projectDirectory = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly engines: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/** A checkout builds the console; a release contains the built one. */
const onlyInCheckouts = ['build-console', 'build-main', 'vite-config', 'font-files'].map(
  (name) => `src/server/console/${name}.js`,
)
/** Files of `src` that programs read at run time. */
const dataFiles = ['src/store/migrations/*.sql', 'src/**/*.sh', 'src/**/*.ps1']
const textFiles = ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'docs/*.md', 'deploy/**/*.{cfg,json,yaml}']

/**
 * Builds the npm package in `target`: compiled JavaScript in the layout of the sources, the built
 * console, and a manifest with the dependencies that the compiled files import.
 * @returns the version
 */
export async function compileProgram(target: string): Promise<string> {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  runTool(join(projectDirectory, 'node_modules/.bin/tsc'), [
    '-p',
    join(projectDirectory, 'packaging'),
    '--outDir',
    join(target, 'src'),
  ])
  for (const file of onlyInCheckouts) rmSync(join(target, file))
  for (const file of globSync([...dataFiles, ...textFiles], { cwd: projectDirectory })) copy(file, target)
  for (const file of globSync('bin/*', { cwd: projectDirectory })) {
    copy(file, target)
    const copied = join(target, file)
    // These are not compiled, because an old Node.js reads them.
    writeFileSync(copied, readFileSync(copied, 'utf8').replaceAll(/(\.\.\/src\/[\w/-]+)\.ts\b/g, '$1.js'))
  }
  await addConsole(target)
  return addManifests(target)
}

function copy(file: string, target: string): void {
  mkdirSync(dirname(join(target, file)), { recursive: true })
  cpSync(join(projectDirectory, file), join(target, file))
}

async function addConsole(target: string): Promise<void> {
  const stamp = await findConsoleStamp(projectDirectory)
  if (stamp === undefined) throw new Error('the sources of the console are missing')
  await buildConsole(projectDirectory, stamp, (text) => process.stderr.write(`${text}\n`))
  cpSync(join(builtConsoles(projectDirectory), stamp), join(builtConsoles(target), stamp), { recursive: true })
}

function addManifests(target: string): string {
  const read = (file: string) => JSON.parse(readFileSync(join(projectDirectory, file), 'utf8')) as unknown
  const manifest = read('package.json') as Manifest
  const imported = listImportedPackages(
    globSync('{src,bin}/**/*.{js,mjs}', { cwd: target }).map((file) => join(target, file)),
  )
  const undeclared = imported.filter((name) => manifest.dependencies[name] === undefined)
  if (undeclared.length > 0) throw new Error(`not a dependency in package.json: ${undeclared.join(', ')}`)
  const dependencies = Object.fromEntries(imported.map((name) => [name, manifest.dependencies[name]!]))
  const { name, version, description, license, engines, optionalDependencies } = manifest
  const published = {
    name,
    version,
    description,
    license,
    type: 'module',
    bin: { chandler: 'bin/chandler.mjs' },
    engines,
    dependencies,
    optionalDependencies,
  }
  write(join(target, 'package.json'), published)
  const cut = cutLockFile(
    read('package-lock.json') as LockFile,
    { name, version, license },
    dependencies,
    optionalDependencies,
  )
  write(join(target, 'npm-shrinkwrap.json'), cut)
  const left = globSync('{src,bin}/**/*.{js,mjs}', { cwd: target }).filter((file) =>
    [...readFileSync(join(target, file), 'utf8').matchAll(/['"](\.{1,2}\/[^'"]*\.(?:ts|js|mjs))['"]/g)].some(
      ([, path]) => !existsSync(join(target, dirname(file), path!)),
    ),
  )
  if (left.length > 0) throw new Error(`these files refer to files that are not in the release: ${left.join(', ')}`)
  return version
}

const write = (file: string, value: unknown) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
