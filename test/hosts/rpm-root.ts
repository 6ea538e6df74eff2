/**
 * Roots whose packages are managed by rpm, packed once and cached: `layer` (rpm, dnf 4, zypper) is
 * laid over this machine's own root, `sid` (rpm 6, dnf 5) is a root of its own.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'
import { sha256Of } from '../../src/lib/digest.ts'
import { isRoot } from '../integration/agent/agent-engine.ts'

const runFile = promisify(execFile)
const script = fileURLToPath(new URL('build-rpm-root.sh', import.meta.url))
const project = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const cacheDirectory = fileURLToPath(new URL('../../.cache/rpm', import.meta.url))

/** Why this machine cannot have such roots; undefined if it can. */
export function explainNoRpmRoots(): string | undefined {
  if (process.platform !== 'linux') return 'roots with rpm need Linux'
  if (!isRoot) return 'roots with rpm need root, for mounts and namespaces'
  const mounts = `set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root`
  if (spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mounts]).status !== 0)
    return 'roots with rpm need overlays, which this machine or its sandbox does not allow'
  if (!existsSync('/usr/bin/apt-get')) return 'roots with rpm are made with apt, which is missing'
  return undefined
}

export type RpmRootKind = 'layer' | 'sid'

/** A mount namespace with the files of a root, by the process that holds it. */
interface RpmBase {
  readonly holder: ChildProcess
  /** In the namespace of the holder: `files` are those of the root. */
  readonly directory: string
}

const bases = new Map<RpmRootKind, Promise<RpmBase>>()

/** Builds the archives that are not in the cache. */
export async function prepareRpmRoots(): Promise<void> {
  for (const kind of ['layer', 'sid'] as const) await prepareRpmArchive(kind)
}

/** A root on top of a base: what is changed in it goes away with the holder. */
export interface RpmRoot {
  readonly holder: ChildProcess
  /** Arguments of nsenter before a command that runs in the root. */
  readonly enter: readonly string[]
}

/**
 * Makes a root; the caller kills its holder. /tmp and the project are the same inside and outside.
 * @param name unique in this process
 */
export async function startRpmRoot(kind: RpmRootKind, name: string): Promise<RpmRoot> {
  const starting = bases.get(kind) ?? startBase(kind)
  bases.set(kind, starting)
  const base = await starting
  const lower = kind === 'layer' ? `${base.directory}/files:/` : `${base.directory}/files`
  // Ready only after chroot: until then nsenter --root leads to the root of this machine.
  const mounts = `set -e
mkdir -p "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o lowerdir=${lower},upperdir="$1/upper",workdir="$1/work" "$1/root"
for folder in proc sys dev tmp; do mount --rbind /$folder "$1/root/$folder"; done
mkdir -p "$1/root$2"
mount --rbind "$2" "$1/root$2"
exec chroot "$1/root" sh -c 'echo ready; exec sleep infinity'`
  const own = `${base.directory}/${name}`
  const target = ['--target', `${base.holder.pid}`, '--mount']
  const holder = await hold('nsenter', [...target, '--', 'unshare', '--mount', 'sh', '-c', mounts, 'sh', own, project])
  // Programs of tests are in /tmp, which the root has, too: they must not find themselves.
  const environment = ['/usr/bin/env', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin']
  return {
    holder,
    enter: ['--target', `${holder.pid}`, '--mount', '--root', '--wd=/', '--', ...environment],
  }
}

async function startBase(kind: RpmRootKind): Promise<RpmBase> {
  const archive = await prepareRpmArchive(kind)
  const directory = `/tmp/chandler-rpm-${kind}-${process.pid}`
  await mkdir(directory)
  const unpack = `set -e
mount -t tmpfs -o size=3g tmpfs "$1"
mkdir "$1/files"
tar --xattrs --xattrs-include='*' -C "$1/files" -xf "$2"
echo ready
exec sleep infinity`
  const separate = ['--mount', '--propagation', 'private']
  const holder = await hold('unshare', [...separate, 'sh', '-c', unpack, 'sh', directory, archive])
  return { holder, directory }
}

/**
 * The archive that build-rpm-root.sh makes: in about a minute, after a change of that script or, for
 * `layer`, of the packages of this machine. Concurrent calls wait for it.
 */
export async function prepareRpmArchive(kind: RpmRootKind): Promise<string> {
  const made = await readFile(script, 'utf8')
  const below = kind === 'layer' ? await readFile('/var/lib/dpkg/status', 'utf8') : ''
  const archive = join(cacheDirectory, `${kind}-${sha256Of(made + below).slice(0, 16)}.tar`)
  await mkdir(cacheDirectory, { recursive: true })
  await runFile('sh', [script, kind, archive], { maxBuffer: 64 * 1024 * 1024 })
  const older = (await readdir(cacheDirectory)).filter(
    (file) => file.startsWith(`${kind}-`) && !file.startsWith(basename(archive)),
  )
  for (const file of older) await rm(join(cacheDirectory, file), { force: true })
  return archive
}

async function hold(command: string, args: readonly string[]): Promise<ChildProcess> {
  const holder = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    holder.stderr.on('data', (piece: Buffer) => void (said += piece))
    holder.stdout.on('data', (piece: Buffer) => piece.includes('ready') && resolve())
    holder.once('exit', () => reject(new Error(`the root with rpm could not be made: ${said}`)))
  })
  return holder
}

afterAll(async () => {
  for (const starting of bases.values()) {
    const base = await starting.catch(() => undefined)
    if (!base) continue
    base.holder.kill('SIGKILL')
    await rm(base.directory, { recursive: true, force: true })
  }
  bases.clear()
})
