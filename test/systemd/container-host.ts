import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { normalizeArch } from '../../src/core/instance/arch.ts'
import { listBundleFiles } from '../../src/server/agent-bundle/agent-bundle-files.ts'
import { prepareBaseRoot } from './base-root.ts'
import { type Container, createContainer, removeAbandonedGroups } from './container.ts'

const run = promisify(execFile)
const project = fileURLToPath(new URL('../..', import.meta.url))

/** The prefix and the name of the agent's program on the disk of every container, as install.sh unpacks it. */
export const agentPrefix = '/opt/chandler-agent'
export const agentVersion = '0.1.0-0123456789ab'

/** Containers with systemd, over this machine's own files. Everything about them is in memory and ends with this process. */
export interface ContainerHost {
  /**
   * A new one, switched off. `copyOf`: its disk begins as a copy of that one's, machine id included. `isBare`: without the
   * program of the agent.
   */
  add(name: string, options?: { readonly copyOf?: string; readonly isBare?: boolean }): Promise<Container>
  /** The consoles and the logs of the agents, for a failed test. */
  describe(): Promise<string>
  stop(): Promise<void>
}

/** Why this machine cannot have containers; undefined if it can. */
export function findObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'containers need Linux'
  if (process.getuid?.() !== 0) return 'containers need root'
  const script =
    'mount -t tmpfs tmpfs /mnt && mkdir /mnt/a /mnt/b /mnt/c && mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/a,workdir=/mnt/b /mnt/c && [ -x /mnt/c/usr/bin/apt-get ]'
  const { status, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    encoding: 'utf8',
  })
  return status === 0 ? undefined : `containers need overlays and apt: ${stderr}`
}

// $1 the folder, $2 the archive of the base root.
const holdScript = `set -e
place=$1
mount -t tmpfs tmpfs "$place"
mount --make-shared "$place"
tar --xattrs --xattrs-include='*' -C "$place" -xf "$2"
mkdir "$place/containers" "$place/program" "$place/tools" "$place/tools/upper" "$place/tools/work" "$place/tools/root"
mount -t overlay overlay -o "lowerdir=$place/upper:/,upperdir=$place/tools/upper,workdir=$place/tools/work" "$place/tools/root"
for folder in proc sys dev; do mount --rbind "/$folder" "$place/tools/root/$folder"; done
mount -t tmpfs tmpfs "$place/tools/root/run"
cat /proc/sys/kernel/random/uuid | tr -d - > "$place/tools/root/etc/machine-id"
mkdir "$place/tools/root/srv/containers"
mount --rbind "$place/containers" "$place/tools/root/srv/containers"
echo ready
exec sleep infinity`

const addScript = `set -e
mkdir -p "$1/containers/$2/work" "$1/containers/$2/root"
[ -z "$3" ] || cp -a "$1/containers/$3/upper" "$1/containers/$2/upper"
mkdir -p "$1/containers/$2/upper"
mount -t overlay overlay \
  -o "lowerdir=\${4:+$4:}$1/upper:/,upperdir=$1/containers/$2/upper,workdir=$1/containers/$2/work" "$1/containers/$2/root"`

/** Rejects when the packages of the containers cannot be installed. */
export async function startContainerHost(): Promise<ContainerHost> {
  removeAbandonedGroups()
  const archive = await prepareBaseRoot()
  const place = await mkdtemp(join(tmpdir(), 'chandler-systemd-'))
  const holder = await hold(place, archive)
  const seen = `/proc/${holder.pid}/root${place}`
  await placeProgram(join(seen, 'program', agentPrefix, agentVersion))
  const containers: (Container & { stop(): Promise<void> })[] = []
  return {
    async add(name, { copyOf = '', isBare = false } = {}) {
      const program = isBare ? '' : join(place, 'program')
      await run('nsenter', [
        `--target=${holder.pid}`,
        '--mount',
        '--',
        'sh',
        '-c',
        addScript,
        'sh',
        place,
        name,
        copyOf,
        program,
      ])
      const tools = join(place, 'tools/root')
      const layers = [...(isBare ? [] : [join(seen, 'program')]), join(seen, 'upper'), '/']
      const container = createContainer(name, { holder, tools, folder: `/srv/containers/${name}`, layers })
      containers.push(container)
      if (copyOf !== '') return container
      await writeFile(join(container.disk, 'etc/hostname'), `${name}\n`)
      await writeFile(join(container.disk, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`)
      return container
    },
    async describe() {
      const texts = containers.map(async (container) => {
        const log = await container.run('journalctl', '--no-pager', '--lines=60', '--unit=chandler-agent').catch(String)
        return `── ${container.name} ──\n${container.console}\n${typeof log === 'string' ? log : log.stdout}`
      })
      return (await Promise.all(texts)).join('\n')
    },
    async stop() {
      for (const container of containers) await container.stop()
      holder.kill('SIGKILL')
      await once(holder, 'close')
      await rm(place, { recursive: true, force: true })
    },
  }
}

/** A process whose mount namespace has the folder's contents. */
async function hold(...args: readonly string[]): Promise<ChildProcess> {
  const isolate = ['--pdeathsig', 'KILL', '--', 'unshare', '--mount', '--propagation', 'private']
  const holder = spawn('setpriv', [...isolate, 'sh', '-c', holdScript, 'sh', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  holder.stderr.on('data', (piece: Buffer) => void (said += piece))
  await new Promise<void>((resolve, reject) => {
    holder.stdout.on('data', (piece: Buffer) => piece.includes('ready') && resolve())
    holder.once('close', () => reject(new Error(`the place for containers could not be made: ${said}`)))
  })
  return holder
}

/** What install.sh unpacks, without the archive in between. */
async function placeProgram(folder: string): Promise<void> {
  const files = await listBundleFiles(normalizeArch(arch()) === 'arm64' ? 'arm64' : 'x86_64', {
    projectDirectory: project,
    runtimeDirectory: join(project, '.cache/no-runtime'),
    version: agentVersion,
  })
  for (const { path, isExecutable, content } of files) {
    const to = join(folder, path)
    await mkdir(dirname(to), { recursive: true })
    if ('text' in content) await writeFile(to, content.text)
    else await copyFile(content.from, to)
    if (isExecutable) await run('chmod', ['755', to])
  }
}
