// A separate package database, and a source that is a folder: nothing waits for the package manager
// of the machine, and nothing is downloaded.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createPlatform } from '../../../src/agent/platform/create-platform.ts'
import { type InstallationDetails, isRoot, makeFolder, TestEngine } from './agent-engine.ts'
import type { ArtifactShelf } from './artifact-shelf.ts'

export const canInstallDebs =
  isRoot &&
  (await access('/usr/bin/apt-get').then(
    () => true,
    () => false,
  ))

export interface DebDetails {
  readonly name: string
  readonly version: string
  /** More lines of the control file, such as `Depends: x`. */
  readonly control?: string
  /** `all` unless given. */
  readonly arch?: string
  /** Further files: contents by absolute path. */
  readonly files?: Readonly<Record<string, string>>
  /** Those of them that are configuration. */
  readonly conffiles?: readonly string[]
  /** Maintainer scripts by name, without their first line. */
  readonly scripts?: Readonly<Record<string, string>>
}

/** A package with one file, /usr/share/NAME/version. */
async function makeDeb({
  name,
  version,
  control = '',
  arch = 'all',
  files = {},
  conffiles = [],
  scripts = {},
}: DebDetails): Promise<Buffer> {
  const folder = await makeFolder()
  await mkdir(join(folder, 'DEBIAN'), { recursive: true })
  await mkdir(join(folder, 'usr', 'share', name), { recursive: true })
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'usr', 'share', name, 'version'), version)
  const head = `Package: ${name}\nVersion: ${version}\nArchitecture: ${arch}\nMaintainer: Nobody <nobody@example.com>\n`
  await writeFile(join(folder, 'DEBIAN', 'control'), `${head}${control && `${control}\n`}Description: a test\n`)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  if (conffiles.length > 0) await writeFile(join(folder, 'DEBIAN', 'conffiles'), `${conffiles.join('\n')}\n`)
  for (const [script, text] of Object.entries(scripts))
    await writeFile(join(folder, 'DEBIAN', script), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const file = `${folder}.deb`
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', folder, file], { stdio: 'ignore' })
  onTestFinished(() => void execFileSync('rm', ['-f', file]))
  return readFile(file)
}

export interface Debian {
  readonly engine: TestEngine
  /** dpkg's database, and the folder of its locks. */
  readonly adminDirectory: string
  readonly listsDirectory: string
  readonly archivesDirectory: string
  readonly environment: Readonly<Record<string, string>>
  /** Adds a package to the source. */
  offer(details: DebDetails): Promise<void>
  dpkg(args: readonly string[], input?: string): string
  /** Such as `install ok installed 1.0`; empty if dpkg does not know it. */
  stateOf(name: string): string
  /** A configuration whose artifact is the package. */
  installation(
    shelf: ArtifactShelf,
    details: DebDetails,
    more?: InstallationDetails & { fileName?: string },
  ): Promise<InstallationDetails>
}

/**
 * @param names packages to remove from the machine after the test
 * @param programs a folder of programs that the agent finds first
 */
export async function startDebian(
  names: readonly string[],
  engineOptions: Parameters<typeof TestEngine.start>[0] = {},
  programs?: string,
): Promise<Debian> {
  const source = await makeFolder()
  const state = await makeFolder()
  await Promise.all([chmod(source, 0o755), chmod(state, 0o755)])
  const [adminDirectory, listsDirectory] = [join(state, 'dpkg'), join(state, 'lists')]
  const archivesDirectory = join(state, 'cache', 'archives')
  for (const folder of [
    join(adminDirectory, 'info'),
    join(adminDirectory, 'updates'),
    join(adminDirectory, 'triggers'),
    join(listsDirectory, 'partial'),
    join(archivesDirectory, 'partial'),
  ])
    await mkdir(folder, { recursive: true })
  await writeFile(join(adminDirectory, 'status'), '')
  await writeFile(join(adminDirectory, 'info', 'format'), '1\n')
  await writeFile(join(source, 'Packages'), '')
  await writeFile(join(state, 'sources.list'), `deb [trusted=yes] file:${source} ./\n`)
  const config = {
    'Dir::Etc::SourceList': join(state, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State': state,
    'Dir::State::Lists': listsDirectory,
    'Dir::State::status': join(adminDirectory, 'status'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Log': state,
    'APT::Sandbox::User': 'root',
  }
  const lines = Object.entries(config).map(([key, value]) => `${key} "${value}";\n`)
  await writeFile(join(state, 'apt.conf'), lines.join(''))
  const environment = { APT_CONFIG: join(state, 'apt.conf'), DPKG_ADMINDIR: adminDirectory }
  const own = createPlatform()
  const path = programs === undefined ? {} : { PATH: `${programs}:${own.baseEnvironment['PATH']}` }
  const before = process.env['DPKG_ADMINDIR']
  process.env['DPKG_ADMINDIR'] = adminDirectory
  const platform = { ...own, baseEnvironment: { ...own.baseEnvironment, ...environment, ...path } }
  const engine = await TestEngine.start({ ...engineOptions, platform })
  onTestFinished(() => {
    for (const name of names) execFileSync('rm', ['-rf', `/usr/share/${name}`])
    if (before === undefined) delete process.env['DPKG_ADMINDIR']
    else process.env['DPKG_ADMINDIR'] = before
  })
  const index: string[] = []
  const run = (command: string, args: readonly string[], input = '') =>
    execFileSync(command, args, {
      env: { ...process.env, ...environment, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  return {
    engine,
    adminDirectory,
    listsDirectory,
    archivesDirectory,
    environment,
    async offer(details) {
      const content = await makeDeb(details)
      const fileName = `${details.name}_${details.version}_all.deb`
      await writeFile(join(source, fileName), content)
      const control = execFileSync('dpkg-deb', ['--field', join(source, fileName)], { encoding: 'utf8' })
      const digest = createHash('sha256').update(content).digest('hex')
      index.push(`${control}Filename: ./${fileName}\nSize: ${content.length}\nSHA256: ${digest}\n`)
      await writeFile(join(source, 'Packages'), `${index.join('\n')}\n`)
    },
    dpkg: (args, input) => run('dpkg', args, input),
    stateOf(name) {
      const found = run('dpkg-query', ['--show', '--showformat=${Package} ${Status} ${Version}\n'])
      const line = found.split('\n').find((one) => one.startsWith(`${name} `))
      return line?.slice(name.length + 1).trim() ?? ''
    },
    async installation(shelf, details, { fileName = `${details.name}_${details.version}_all.deb`, ...more } = {}) {
      return { artifact: shelf.add(await makeDeb(details), fileName, 'deb'), ...more }
    },
  }
}

/** Locks a file as package managers do, until `release` is called or the test ends. */
export async function holdLock(path: string): Promise<{ pid: number; release(): void }> {
  const script =
    'use Fcntl; open(my $f, "+>>", $ARGV[0]) or die $!; my $lock = pack("s s x![l!] l! l! i x![l!]", F_WRLCK, 0, 0, 0, 0); fcntl($f, F_SETLK, $lock) or die $!; $| = 1; print "locked\\n"; sleep'
  const child: ChildProcess = spawn('perl', ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', () => reject(new Error(`${path} could not be locked`)))
  })
  return { pid: child.pid ?? 0, release: () => void child.kill('SIGKILL') }
}
