// A distribution whose package manager is rpm: this machine with the tools of rpm installed, in an overlay that goes away with its processes.
// The agent runs outside of it; the commands in its PATH (rpm, dnf, zypper) enter it. /tmp is the same inside and outside.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { createPlatform } from '../../../src/agent/platform/create-platform.ts'
import { type InstallationDetails, isRoot, makeFolder, TestEngine } from './agent-engine.ts'
import type { ArtifactShelf } from './artifact-shelf.ts'

/** A root of its own needs mount namespaces and overlays, which not every sandbox allows. */
const canMountOverlays = () => {
  const script = `set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root`
  return spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script]).status === 0
}

export const canInstallRpms = isRoot && process.platform === 'linux' && canMountOverlays()

export type RpmManager = 'dnf' | 'zypper' | 'rpm'

export interface RpmDetails {
  readonly name: string
  readonly version: string
  readonly arch?: 'noarch' | 'aarch64'
  /** More lines of the head, such as `Requires: x`. */
  readonly head?: string
  /** By section, such as `%post`. */
  readonly scriptlets?: Readonly<Record<string, string>>
  /** What is in /usr/share/FOLDER/FILE; the version in `version` unless given. */
  readonly files?: Readonly<Record<string, string>>
  /** The package's name unless given. */
  readonly folder?: string
}

/** Mount namespaces by the process that holds them. */
const layers: { base?: Promise<Layer> } = {}
interface Layer {
  readonly holder: ChildProcess
  readonly directory: string
}

const mountRoot = (lower: string) => `set -e
mkdir -p "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o lowerdir=${lower},upperdir="$1/upper",workdir="$1/work" "$1/root"
for folder in proc sys dev tmp; do mount --rbind /$folder "$1/root/$folder"; done`

const installTools = `chroot "$1/root" sh -c '
  export DEBIAN_FRONTEND=noninteractive
  command -v dnf >/dev/null && command -v zypper >/dev/null && command -v createrepo_c >/dev/null || {
    apt-get -qq update
    apt-get -qq -y --no-install-recommends install rpm dnf zypper createrepo-c
  } >"$1.log" 2>&1 || { tail -5 "$1.log" >&2; exit 1; }
  mkdir -p /etc/rpm /etc/yum.repos.d /etc/dnf /srv/repo
  echo "%_dbpath /var/lib/rpm" > /etc/rpm/macros
  printf "[main]\\nplugins=0\\n" > /etc/dnf/dnf.conf
  rpm --initdb
' sh "$1"`

async function hold(command: string, args: readonly string[], directory: string): Promise<Layer> {
  const holder = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    holder.stderr.on('data', (piece: Buffer) => void (said += piece))
    holder.stdout.on('data', (piece: Buffer) => piece.includes('ready') && resolve())
    holder.once('exit', () => reject(new Error(`the root with rpm could not be made: ${said}`)))
  })
  return { holder, directory }
}

async function startBase(): Promise<Layer> {
  const directory = await makeBaseFolder()
  // Unmounted again: a layer below others must not be written to.
  const script = `mount -t tmpfs -o size=2g tmpfs "$1"
${mountRoot('/')}
${installTools}
umount --recursive --lazy "$1/root"
echo ready
exec sleep infinity`
  return hold('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', directory], directory)
}

async function makeBaseFolder(): Promise<string> {
  const directory = `/tmp/chandler-rpm-base-${process.pid}`
  await mkdir(directory)
  return directory
}

afterAll(async () => {
  const base = await layers.base?.catch(() => undefined)
  if (!base) return
  base.holder.kill('SIGKILL')
  await rm(base.directory, { recursive: true, force: true })
})

export interface RpmSystem {
  readonly engine: TestEngine
  /** Runs a command in the root. */
  run(command: string, args: readonly string[]): string
  /** Starts one. */
  start(command: string, args: readonly string[]): ChildProcess
  /** Installed versions, such as `1.0-1`. */
  versionsOf(name: string): string[]
  /** The path of a new package, the same inside and outside. */
  build(details: RpmDetails): Promise<string>
  /** Puts packages into the repository. */
  offer(...details: readonly RpmDetails[]): Promise<void>
  /** A installation whose artifact is the package. */
  installation(shelf: ArtifactShelf, details: RpmDetails, more?: InstallationDetails): Promise<InstallationDetails>
}

/** A root of its own on top of the tools, where `manager` is the highest package manager. */
export async function startRpmSystem(manager: RpmManager, shelf: ArtifactShelf): Promise<RpmSystem> {
  layers.base ??= startBase()
  const base = await layers.base
  const folder = await makeFolder()
  const own = `${base.directory}/${folder.split('/').at(-1)}`
  const script = `${mountRoot(`${base.directory}/upper:/`)}\necho ready\nexec chroot "$1/root" sleep infinity`
  const { holder } = await hold(
    'nsenter',
    ['--target', `${base.holder.pid}`, '--mount', '--', 'unshare', '--mount', 'sh', '-c', script, 'sh', own],
    own,
  )
  onTestFinished(() => void holder.kill('SIGKILL'))
  // The programs below are in /tmp, which the root has too: they must not find themselves.
  const enter = [
    '--target',
    `${holder.pid}`,
    '--mount',
    '--root',
    '--wd=/',
    '--',
    '/usr/bin/env',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  ]
  const run = (command: string, args: readonly string[]) =>
    execFileSync('nsenter', [...enter, command, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  const programs = join(folder, 'bin')
  await mkdir(programs)
  for (const program of new Set(['rpm', manager]))
    await writeFile(join(programs, program), `#!/bin/sh\nexec nsenter ${enter.join(' ')} ${program} "$@"\n`, {
      mode: 0o755,
    })
  const platform = createPlatform()
  const path = `${programs}:${platform.baseEnvironment['PATH']}`
  const before = process.env['PATH']
  process.env['PATH'] = path
  onTestFinished(() => void (process.env['PATH'] = before))
  const engine = await TestEngine.start({
    fetchArtifact: shelf.fetch,
    platform: { ...platform, baseEnvironment: { ...platform.baseEnvironment, PATH: path } },
  })

  let count = 0
  async function build({
    name,
    version,
    arch = 'noarch',
    head = '',
    scriptlets = {},
    files,
    folder: inside = name,
  }: RpmDetails) {
    const work = join(folder, `rpm-${++count}`)
    await mkdir(work)
    const contents = Object.entries(files ?? { version })
    const spec = [
      `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: a test\nLicense: none\nAutoReqProv: no`,
      ...(arch === 'noarch' ? ['BuildArch: noarch'] : []),
      head,
      '%description\na test',
      '%install',
      ...contents.map(
        ([file, text]) =>
          `mkdir -p %{buildroot}/usr/share/${inside}\nprintf '%%s' '${text}' > %{buildroot}/usr/share/${inside}/${file}`,
      ),
      ...Object.entries(scriptlets).map(([section, text]) => `${section}\n${text}`),
      '%files',
      ...contents.map(([file]) => `/usr/share/${inside}/${file}`),
    ].join('\n')
    await writeFile(join(work, 'it.spec'), `${spec}\n`)
    const defines = [
      `_topdir ${work}`,
      `_rpmdir ${work}`,
      '_build_name_fmt it.rpm',
      '__os_install_post %{nil}',
    ].flatMap((define) => ['--define', define])
    run('rpmbuild', ['-bb', '--quiet', '--target', arch, ...defines, join(work, 'it.spec')])
    return join(work, 'it.rpm')
  }

  // It stands for the distribution: Debian's own files are in no database of rpm.
  const shells = await build({ name: 'base', version: '1', head: 'Provides: /bin/sh', files: {} })
  run('rpm', ['--install', shells])

  return {
    engine,
    run,
    start: (command, args) => spawn('nsenter', [...enter, command, ...args], { stdio: 'ignore' }),
    versionsOf: (name) =>
      run('rpm', ['--query', '--all', '--queryformat', '%{EVR}\n', name]).split('\n').filter(Boolean).toSorted(),
    build,
    async offer(...offered) {
      for (const details of offered)
        run('cp', [await build(details), `/srv/repo/${details.name}-${details.version}.rpm`])
      run('createrepo_c', ['--quiet', '/srv/repo'])
      const repo = '[test]\nname=test\nbaseurl=file:///srv/repo\ngpgcheck=0\nautorefresh=1\n'
      for (const path of ['/etc/yum.repos.d/test.repo', '/etc/zypp/repos.d/test.repo'])
        run('sh', ['-c', `mkdir -p ${path.replace(/\/[^/]*$/, '')}; printf '%s' "$1" > ${path}`, 'sh', repo])
    },
    async installation(shelf, details, more = {}) {
      const file = await readFile(await build(details))
      const { name, version, arch = 'noarch' } = details
      return { artifact: shelf.add(file, `${name}-${version}-1.${arch}.rpm`, 'rpm'), ...more }
    },
  }
}
