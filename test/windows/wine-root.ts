/** A root with Wine, made once and cached, and machines that run in copies of it. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { windowsHostArguments, windowsHostSource, windowsNode } from '../../scripts/release/windows-host.ts'
import { makeWindowsPrograms } from '../../scripts/release/windows-programs.ts'
import { sha256Of } from '../../src/lib/digest.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('build-root.sh', import.meta.url))
const cacheDirectory = fileURLToPath(new URL('../../.cache/windows', import.meta.url))
const project = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
/** The root has to be built within this time, or the tests fail and say so. */
const rootTimeoutMs = 600_000

/** Why this machine cannot have a root with Wine; undefined if it can. */
export function explainNoWine(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Wine needs Linux on x86_64'
  if (process.getuid?.() !== 0) return 'a root with Wine needs root, for mounts and namespaces'
  const mounts = `set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root`
  if (spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mounts]).status !== 0)
    return 'a root with Wine needs overlays, which this machine or its sandbox does not allow'
  return existsSync('/usr/bin/apt-get') ? undefined : 'a root with Wine is made with apt, which is missing'
}

/** The root, in about four minutes after a change of build-root.sh. Concurrent calls wait for it. */
export async function prepareWineRoot(): Promise<string> {
  const directory = join(cacheDirectory, `root-${sha256Of(await readFile(script, 'utf8')).slice(0, 16)}`)
  await mkdir(cacheDirectory, { recursive: true })
  await run('sh', [script, directory], { maxBuffer: 64 * 1024 * 1024, timeout: rootTimeoutMs, killSignal: 'SIGKILL' })
  for (const name of await readdir(cacheDirectory))
    if (/^root-[0-9a-f]+$/.test(name) && name !== basename(directory))
      await rm(join(cacheDirectory, name), { recursive: true, force: true })
  return directory
}

/** The folder that a server provides agents for Windows from, with `windows-x86_64` as in a release. */
export async function prepareWindowsPrograms(): Promise<string> {
  const source = await readFile(windowsHostSource, 'utf8')
  const key = sha256Of(source + JSON.stringify([windowsHostArguments('', ''), windowsNode]))
  const folder = join(cacheDirectory, `programs-${key.slice(0, 16)}`)
  if (existsSync(folder)) return folder
  const draft = await mkdtemp(join(cacheDirectory, 'draft-'))
  try {
    makeWindowsPrograms(draft)
    // Another file of tests may have made it meanwhile: a complete one is there then.
    await rename(draft, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  for (const name of await readdir(cacheDirectory))
    if (name.startsWith('programs-') && name !== basename(folder))
      await rm(join(cacheDirectory, name), { recursive: true, force: true })
  return folder
}

export interface WineResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A copy of the root with a Wine of its own; everything in it ends with it. The network is that of this machine. */
export interface WineMachine {
  /** The same inside and outside; C: is in the machine only. */
  readonly folder: string
  /** Runs a Windows program; paths of this machine are below `Z:`. */
  run(program: string, ...args: readonly string[]): Promise<WineResult>
  /** The same, with its standard input. */
  runWith(input: string, program: string, ...args: readonly string[]): Promise<WineResult>
  /** Runs a Linux program in the root. */
  runLinux(program: string, ...args: readonly string[]): Promise<string>
  /** Starts one that ends with the machine; it sees this project. */
  startLinux(program: string, ...args: readonly string[]): ChildProcess
  /** Process ids of this machine (Linux) whose command line contains the text. */
  findProcesses(text: string): Promise<number[]>
  /** Ends all Windows processes, as switching off does, and starts Windows with its services. */
  reboot(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const wine = '/usr/lib/wine/wine64'
const wineserver = '/usr/lib/wine/wineserver64'
const environment = [
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'WINEPREFIX=/wine',
  'WINEDEBUG=-all',
  'DISPLAY=',
  'XDG_RUNTIME_DIR=/tmp',
  `WINESERVER=${wineserver}`,
  'WINEDLLOVERRIDES=winemenubuilder.exe=d',
]

export async function startWineMachine(root: string): Promise<WineMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-wine-'))
  // Ready only after chroot: until then nsenter --root leads to the root of this machine.
  const mounts = `set -e
mkdir "$2/.machine"
mount -t tmpfs -o size=3g tmpfs "$2/.machine"
mkdir "$2/.machine/upper" "$2/.machine/work" "$2/.machine/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/.machine/upper,workdir=$2/.machine/work" "$2/.machine/root"
mount -t proc proc "$2/.machine/root/proc"
for name in null zero random urandom tty; do touch "$2/.machine/root/dev/$name"; mount --bind "/dev/$name" "$2/.machine/root/dev/$name"; done
mkdir -p "$2/.machine/root$2" "$2/.machine/root$3"
mount --bind "$3" "$2/.machine/root$3"
mount --bind "$2" "$2/.machine/root$2"
cp /etc/hosts "$2/.machine/root/etc/hosts"
exec chroot "$2/.machine/root" sh -c 'echo ready; while sleep 3600; do :; done'`
  const args = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private']
  const holder = spawn('unshare', [...args, 'sh', '-c', mounts, 'sh', root, folder, project], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = await awaitReady(holder)
  const enter = [
    '--target',
    `${pid}`,
    '--mount',
    '--pid',
    '--root',

    '--',
    '/usr/bin/env',
    '-i',
    // nsenter keeps a folder outside of the root otherwise.
    '--chdir=/',
    ...environment,
  ]
  let count = 0

  /** Input and output are files: Node.js for Windows can use no pipe of Linux. */
  async function runWith(input: string, program: string, ...rest: readonly string[]): Promise<WineResult> {
    const [given, out, err] = ['in', 'out', 'err'].map((name) => join(folder, `${name}-${++count}`)) as [
      string,
      string,
      string,
    ]
    await writeFile(given, input)
    const shell = `exec "$@" <${given} >${out} 2>${err}`
    const child = spawn('nsenter', [...enter, 'sh', '-c', shell, 'sh', wine, program, ...rest], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (status) => resolve(status ?? -1))
    })
    const [stdout, stderr] = await Promise.all([readFile(out, 'utf8'), readFile(err, 'utf8')])
    await Promise.all([given, out, err].map((path) => rm(path)))
    return { code, stdout, stderr }
  }
  async function runLinux(program: string, ...rest: readonly string[]): Promise<string> {
    const { stdout } = await run('nsenter', [...enter, program, ...rest], { maxBuffer: 64 * 1024 * 1024 })
    return stdout
  }
  async function findProcesses(text: string): Promise<number[]> {
    // By its mount namespace: the ids are those of this machine.
    const own = await namespaceOf(pid)
    const found: number[] = []
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name) || (await namespaceOf(Number(name))) !== own) continue
      const line = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '')
      if (line.includes(text)) found.push(Number(name))
    }
    return found
  }
  return {
    folder,
    run: (program, ...rest) => runWith('', program, ...rest),
    runWith,
    runLinux,
    startLinux: (program, ...rest) => spawn('nsenter', [...enter, program, ...rest], { stdio: 'ignore' }),
    findProcesses,
    async reboot() {
      await runLinux(wineserver, '-k').catch(() => undefined)
      await runLinux(wineserver, '-w')
      await runWith('', 'wineboot')
    },
    async [Symbol.asyncDispose]() {
      holder.kill('SIGKILL')
      await new Promise((resolve) => (holder.exitCode === null ? holder.once('exit', resolve) : resolve(undefined)))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const namespaceOf = (pid: number) => readlink(`/proc/${pid}/ns/pid`).catch(() => '')

/** The process in the root, the only child of unshare. */
async function awaitReady(holder: ChildProcess): Promise<number> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    holder.stderr?.on('data', (piece: Buffer) => void (said += piece))
    holder.stdout?.on('data', (piece: Buffer) => piece.includes('ready') && resolve())
    holder.once('exit', () => reject(new Error(`the machine with Wine does not start: ${said}`)))
  })
  const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8')
  return Number(children.trim().split(' ')[0])
}
