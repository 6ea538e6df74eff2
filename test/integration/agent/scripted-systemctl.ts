import { spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

// What systemctl does with one service, where no systemd runs: it starts the ExecStart of the unit file and ends that
// process, and keeps what it knows in files. A file `refused` names a version that it does not start, a file `mute` one in
// whose place it starts a process that does nothing.
const script = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
unit=/etc/systemd/system/chandler-agent.service
command=$(sed -n 's/^ExecStart=//p' $unit 2>/dev/null)
pid=$(cat pid 2>/dev/null)
runs() { [ -n "$pid" ] && [ -e "/proc/$pid/stat" ] && ! grep -q ') Z ' "/proc/$pid/stat"; }
stop() {
  if runs; then kill "$pid"; fi
  while runs; do sleep 0.05; done
  rm -f pid
}
case $1 in
  show)
    if runs; then echo ActiveState=active; else echo ActiveState=inactive; fi
    echo "MainPID=\${pid:-0}"
    if [ -e enabled ]; then echo UnitFileState=enabled; else echo UnitFileState=disabled; fi
    ;;
  start | restart)
    [ "$1" = start ] || stop
    [ -n "$command" ] || exit 5
    refused=$(cat refused 2>/dev/null)
    case $(readlink "\${command%%/bin/*}") in
      "\${refused:-none}")
        echo 'Job for chandler-agent.service failed.' >&2
        exit 1
        ;;
    esac
    mute=$(cat mute 2>/dev/null)
    case $(readlink "\${command%%/bin/*}") in
      "\${mute:-none}") command='sleep 600' ;;
    esac
    setsid $command </dev/null >>log 2>&1 &
    echo $! >pid
    ;;
  stop) stop ;;
  enable) [ "$2" = chandler-agent-upgrade.service ] || : >enabled ;;
  disable)
    [ "$2" != chandler-agent-upgrade.service ] || exit 0
    rm -f enabled
    [ "$2" != --now ] || stop
    ;;
  daemon-reload) [ -z "$command" ] || grep -q '^KillMode=process$' $unit ;;
  *) exit 9 ;;
esac
`

export interface ScriptedSystemd {
  /** The unit files of the machine, as a process inside sees them in /etc/systemd/system. */
  readonly units: string
  /** Words before a command that make it run on a machine with this systemd: a mount namespace of its own. */
  readonly inside: readonly string[]
  /** Of the service; undefined if none was started. */
  readPid(): Promise<number | undefined>
  /** From now on this version is not started; undefined: every version is. */
  refuse(version: string | undefined): Promise<void>
  /** From now on, in place of this version, a process runs that does nothing; undefined: none. */
  mute(version: string | undefined): Promise<void>
}

/** A machine with a service manager, in `folder`. */
export async function makeScriptedSystemd(folder: string): Promise<ScriptedSystemd> {
  const bin = join(folder, 'systemd-bin')
  const units = join(folder, 'systemd-units')
  const run = join(folder, 'systemd-run')
  for (const path of [bin, units, join(run, 'system')]) await mkdir(path, { recursive: true })
  await writeFile(join(bin, 'systemctl'), script, { mode: 0o755 })
  const mount =
    'mount --bind "$1" /etc/systemd/system && mount --bind "$2" /run/systemd && PATH=$3:$PATH && shift 3 && exec "$@"'
  return {
    units,
    inside: ['unshare', '--mount', 'sh', '-c', mount, 'sh', units, run, bin],
    readPid: () =>
      readFile(join(bin, 'pid'), 'utf8').then(
        (text) => Number(text),
        () => undefined,
      ),
    refuse: (version) => writeFile(join(bin, 'refused'), version ?? ''),
    mute: (version) => writeFile(join(bin, 'mute'), version ?? ''),
  }
}

/** Why this machine cannot have one; undefined if it can. */
export function findSystemdObstacle(): string | undefined {
  const mount = 'mount --bind /tmp /etc/systemd/system && mount --bind /tmp /run/systemd'
  const { status, stderr, error } = spawnSync('unshare', ['--mount', 'sh', '-c', mount], { encoding: 'utf8' })
  return status === 0 ? undefined : `needs root, mount namespaces and the folders of systemd: ${error ?? stderr}`
}
