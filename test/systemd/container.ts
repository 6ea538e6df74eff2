import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, vi } from 'vitest'

/** A machine with a systemd of its own. It shares the network of this machine. */
export interface Container {
  readonly name: string
  /** Its disk as this process sees it, also while it is off: without what is mounted inside, such as /run and /tmp. */
  readonly disk: string
  /** Starts it; resolves when systemd has started all units. */
  boot(): Promise<void>
  /** Ends all its processes at once, as a power cut does. */
  cut(): Promise<void>
  /** Resolves when it has rebooted by itself since `boots` was this number, and is up. */
  rebooted(boots: number): Promise<void>
  /** How often it was started, reboots included. */
  readonly boots: number
  /** Runs a command as root inside. Rejects only if it is off; the code is null if the command ended with the container. */
  run(...command: readonly string[]): Promise<CommandEnd>
  /** The output of a command that has to succeed. */
  ask(...command: readonly string[]): Promise<string>
  /** Writes a file of root; makes its folders. `path` is absolute. */
  write(path: string, text: string, mode?: number): Promise<void>
  /** Paths that exist on its disk and not in the files that it began with, sorted; `etc/hostname`. */
  findAdditions(): Promise<string[]>
  /** What its console showed. */
  readonly console: string
}

export interface CommandEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Where containers are: a mount namespace, which goes away with its process. */
export interface Place {
  readonly holder: ChildProcess
  /** A root directory of that namespace with systemd-nspawn. */
  readonly tools: string
  /** The folder of this container: relative to `tools`, and as the namespace sees it. It holds `root`. */
  readonly folder: string
  /** Layers below the disk, the lowest one last, as this process sees them. */
  readonly layers: readonly string[]
}

/** systemd-nspawn ends with this code when the container wants to reboot. */
const rebootCode = 133
const patience = { timeout: 110_000, interval: 20 }
const environment = ['/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8']

// All processes are in a pid namespace that ends with its first one, in a control group that this script makes. The container's
// own control groups are below it.
const bootScript = `set -e
for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
  [ -e $hierarchy/cgroup.procs ] || continue
  mkdir -p $hierarchy/$3
  echo 0 > $hierarchy/$3/cgroup.procs
done
mount -t proc proc "$1/proc"
exec chroot "$1" systemd-nspawn --quiet --directory="$2/root" --boot --register=no --keep-unit --machine="$4" \
  --console=pipe --resolv-conf=off`

/** A container in its place, switched off. Its disk is prepared already. */
export function createContainer(
  name: string,
  { holder, tools, folder, layers }: Place,
): Container & { stop(): Promise<void> } {
  const group = `chandler-test-${process.pid}-${name}`
  const disk = `/proc/${holder.pid}/root${tools}${folder}/root`
  let init: ChildProcess | undefined
  let ended: Promise<unknown> = Promise.resolve()
  let boots = 0
  let shown = ''
  /** Of those who wait until it is up. */
  const refusals = new Set<(error: Error) => void>()

  function start(): void {
    boots++
    const enter = ['--pdeathsig', 'KILL', '--', 'nsenter', '--target', `${holder.pid}`, '--mount', '--']
    const isolate = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', bootScript, 'sh']
    const started = spawn('setpriv', [...enter, ...isolate, tools, folder, group, name], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    init = started
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (piece: Buffer) => {
        shown = (shown + piece.toString('latin1')).slice(-20_000)
      })
    ended = once(started, 'close').then(([code]) => {
      if (init !== started) return
      init = undefined
      if (code === rebootCode) return start()
      for (const refuse of refusals) refuse(new Error(`${name} ended with ${code}: ${shown}`))
    })
  }

  /** The process id of its systemd, as this process sees it. */
  function findSystemd(): number {
    let pid = init?.pid
    if (pid === undefined) throw new Error(`${name} is off: ${shown}`)
    for (let depth = 0; depth < 2; depth++)
      pid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] || Number.NaN)
    const command = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    if (command !== 'systemd') throw new Error(`${name} starts: ${command}`)
    return pid
  }

  async function run(...command: readonly string[]): Promise<CommandEnd> {
    const enter = ['--target', `${findSystemd()}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root']
    return new Promise((resolve) => {
      execFile(
        'nsenter',
        [...enter, '--wd', '--', ...environment, ...command],
        { maxBuffer: 16 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
          resolve({ code, stdout, stderr })
        },
      )
    })
  }

  async function isUp(): Promise<void> {
    let refuse = (_: Error) => {}
    const isOff = new Promise<never>((_, reject) => refusals.add((refuse = reject)))
    const answers = vi.waitFor(async () => {
      const { stdout, stderr } = await run('systemctl', 'is-system-running', '--wait')
      expect(stdout.trim(), `state of ${name}: ${stderr}`).toBeOneOf(['running', 'degraded'])
    }, patience)
    await Promise.race([answers, isOff]).finally(() => refusals.delete(refuse))
  }

  async function cut(): Promise<void> {
    const killed = init
    if (killed === undefined) return
    init = undefined
    killed.kill('SIGKILL')
    await once(killed, 'close')
  }

  return {
    name,
    disk,
    get boots() {
      return boots
    },
    get console() {
      return shown
    },
    async boot() {
      if (init !== undefined) throw new Error(`${name} runs already`)
      start()
      await isUp()
    },
    cut,
    async rebooted(before) {
      await vi.waitFor(() => expect(boots, `boots of ${name}`).toBeGreaterThan(before), patience)
      await isUp()
    },
    run,
    async ask(...command) {
      const { code, stdout, stderr } = await run(...command)
      if (code !== 0) throw new Error(`${command.join(' ')} in ${name} ended with ${code}: ${stdout}${stderr}`)
      return stdout
    },
    async write(path, text, mode = 0o644) {
      await mkdir(dirname(join(disk, path)), { recursive: true })
      await writeFile(join(disk, path), text, { mode })
    },
    async findAdditions() {
      const upper = `/proc/${holder.pid}/root${tools}${folder}/upper`
      const entries = await readdir(upper, { recursive: true, withFileTypes: true })
      // A character device is the mark of a removed file.
      const paths = entries
        .filter((entry) => !entry.isCharacterDevice())
        .map((entry) => relative(upper, join(entry.parentPath, entry.name)))
      const isNew = (path: string) => !layers.some((layer) => existsSync(join(layer, path)))
      return paths.filter(isNew).toSorted()
    },
    async stop() {
      await cut()
      await ended
      await removeGroups(group)
    },
  }
}

const hierarchies = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup']
const groupName = /^chandler-test-([0-9]+)-/

/** Its processes may still be ending. */
const removeGroups = (group: string) =>
  vi.waitFor(() => {
    for (const hierarchy of hierarchies) removeGroup(join(hierarchy, group))
  }, patience)

/** Removes the control groups of test processes that were killed; their containers ended with them. */
export function removeAbandonedGroups(): void {
  for (const hierarchy of hierarchies.filter((path) => existsSync(path)))
    for (const name of readdirSync(hierarchy)) {
      const [, pid] = groupName.exec(name) ?? []
      if (pid === undefined || existsSync(`/proc/${pid}`)) continue
      try {
        removeGroup(join(hierarchy, name))
      } catch (error) {
        // Another test process removes it, too.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
}

function removeGroup(path: string): void {
  if (!existsSync(path)) return
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(path, entry.name))
  rmdirSync(path)
}
