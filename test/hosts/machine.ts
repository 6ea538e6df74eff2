/**
 * Machines without a systemd: roots of other systems, with the network and the kernel of this machine.
 * Everything about one is in memory and ends with it.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sha256Of } from '../../src/lib/digest.ts'
import { prepareRpmArchive } from './rpm-root.ts'

const runFile = promisify(execFile)
const script = fileURLToPath(new URL('build-roots.sh', import.meta.url))
const cacheDirectory = fileURLToPath(new URL('../../.cache/hosts', import.meta.url))

/**
 * What build-roots.sh makes; `bare` and `busybox-bare`: Debian 12 and busybox without what unpacks and
 * computes digests; `rpm`: a root with rpm and dnf 5, without apt and dpkg.
 */
export type MachineKind =
  | 'debian-11'
  | 'debian-12'
  | 'debian-13'
  | 'bare'
  | 'rpm'
  | 'arm64'
  | 'busybox'
  | 'busybox-bare'
  | 'busybox-arm64'

export interface Machine {
  /** Words before a command that runs inside. */
  readonly enter: readonly string[]
  /** The output of a command that has to succeed. */
  ask(...command: readonly string[]): string
  /** Starts a program, whose output is part of `said`. */
  start(...command: readonly string[]): ChildProcess
  /** What started programs said, for a failed test. */
  said(): string
  /** Ends all its processes at once. */
  stop(): Promise<void>
}

/** Builds what is not in the cache: about a minute on a quiet machine, after a change of build-roots.sh. */
export async function prepareMachines(): Promise<string> {
  const name = sha256Of(await readFile(script, 'utf8')).slice(0, 16)
  const folder = join(cacheDirectory, name)
  await mkdir(cacheDirectory, { recursive: true })
  try {
    await runFile('sh', [script, folder], { maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new Error(`the roots could not be made; they come from Debian's mirror: ${stderr}`, { cause: error })
  }
  for (const other of await readdir(cacheDirectory))
    if (other !== name) await rm(join(cacheDirectory, other), { recursive: true, force: true })
  return folder
}

const archives: Partial<Record<MachineKind, string>> = { bare: 'debian-12', 'busybox-bare': 'busybox' }
const unpackers = ['tar', 'gzip', 'gunzip', 'zcat', 'sha256sum', 'openssl']

// $1 the folder, $2 the archive, $3 the program for binaries of arm64, or nothing. That program is known only to the user
// namespace of this script: the kernel forgets it with the namespace, and this machine itself does not run such binaries.
// Ready only after chroot: until then nsenter --root leads to the root of this machine. The first process reaps.
const holdScript = `set -e
mount -t tmpfs -o size=3g tmpfs "$1"
mkdir "$1/root"
tar --xattrs --xattrs-include='*' -C "$1/root" -xf "$2"
if [ -n "$3" ]; then
  cp "$3" "$1/emulator"
  chmod 755 "$1/emulator"
  mkdir "$1/formats"
  mount -t binfmt_misc binfmt_misc "$1/formats"
  same='\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff'
  arm64='\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00'
  printf '%s' ":chandler-arm64:M::$arm64:$same:$1/emulator:PF" > "$1/formats/register"
fi
for folder in proc sys dev; do mkdir -p "$1/root/$folder"; done
mount -t proc proc "$1/root/proc"
for folder in sys dev; do mount --rbind "/$folder" "$1/root/$folder"; done
cd "$1/root"
exec chroot "$1/root" /bin/sh -c 'cd /; echo ready; while :; do sleep 3600 & wait; done'`

// Waits until its ids are mapped. A change of user forgets what happens at the end of the parent, so that comes last.
const ownUsers = `echo unmapped
read -r mapped
exec setpriv --reuid 0 --regid 0 --clear-groups setpriv --pdeathsig KILL "$@"`

/** Starts a machine; the caller stops it. */
export async function startMachine(kind: MachineKind): Promise<Machine> {
  const roots = await prepareMachines()
  const archive = kind === 'rpm' ? await prepareRpmArchive('sid') : join(roots, `${archives[kind] ?? kind}.tar`)
  const isEmulated = kind.endsWith('arm64')
  const place = await mkdtemp(join(tmpdir(), `chandler-${kind}-`))
  const isolate = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child']
  const inside = [...isolate, 'sh', '-c', holdScript, 'sh', place, archive]
  const command = isEmulated
    ? ['unshare', '--user', 'sh', '-c', ownUsers, 'sh', ...inside, join(roots, 'qemu-aarch64')]
    : [...inside, '']
  const holder = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  holder.stderr.on('data', (piece: Buffer) => void (said += piece))
  const announced = (word: string) =>
    new Promise<void>((resolve, reject) => {
      holder.stdout.on('data', (piece: Buffer) => piece.includes(word) && resolve())
      holder.once('close', () => reject(new Error(`the root ${kind} could not be made: ${said}`)))
    })
  if (isEmulated) {
    await announced('unmapped')
    for (const map of ['uid_map', 'gid_map']) await writeFile(`/proc/${holder.pid}/${map}`, '0 0 4294967295\n')
    holder.stdin.write('mapped\n')
  }
  await announced('ready')
  const first = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim()
  const namespaces = [...(isEmulated ? ['--user'] : []), '--mount', '--pid', '--root', '--wd']
  const environment = ['/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C']
  const enter = ['nsenter', '--target', first, ...namespaces, '--', ...environment]
  const [entering = '', ...words] = enter
  const machine: Machine = {
    enter,
    ask: (...asked) =>
      execFileSync(entering, [...words, ...asked], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    start(...started) {
      const child = spawn(entering, [...words, ...started], { stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => void (said += piece))
      return child
    },
    said: () => said,
    async stop() {
      holder.kill('SIGKILL')
      await once(holder, 'close')
      await rm(place, { recursive: true, force: true })
    },
  }
  machine.ask('sh', '-c', 'echo 127.0.0.1 localhost > /etc/hosts')
  if (kind === 'bare') machine.ask('rm', ...unpackers.map((name) => `/usr/bin/${name}`))
  if (kind === 'busybox-bare') {
    await renameApplets(`/proc/${first}/root/bin/busybox`)
    machine.ask('rm', '-f', ...['', '/usr'].flatMap((folder) => unpackers.map((name) => `${folder}/bin/${name}`)))
  }
  if (kind === 'rpm') {
    const release = 'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora Linux 42"\n'
    machine.ask('sh', '-c', 'rm -f /etc/os-release; printf %s "$1" > /etc/os-release', 'sh', release)
    machine.ask('sh', '-c', 'rm -f /usr/bin/apt* /usr/bin/dpkg*')
  }
  return machine
}

/**
 * Its shell finds the programs in itself, without a file. Their names become ones that nobody uses,
 * at the same place in its sorted list.
 */
async function renameApplets(file: string): Promise<void> {
  let program = await readFile(file, 'latin1')
  for (const name of unpackers) program = program.replace(`\0${name}\0`, `\0${name.slice(0, -1)}~\0`)
  await writeFile(`${file}.new`, program, { encoding: 'latin1', mode: 0o755 })
  await rename(`${file}.new`, file)
}
