import { type ChildProcess, execFile } from 'node:child_process'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePort, untilDone } from '../ports.ts'
import { endChild, spawnTied } from '../tied-child.ts'
import { spawnMany } from './spawn-many.ts'

const run = promisify(execFile)
const sshd = '/usr/sbin/sshd'

/**
 * SSH to this machine's loopback, one warm multiplexed connection per simulated instance: the best
 * case of common practice.
 */
export interface SshPeer {
  /** Seconds to copy a package to `count` instances and run a script there, all at once. */
  run(count: number, script: string, packagePath?: string): Promise<number>
  stop(): Promise<void>
}

/**
 * Undefined if there is no OpenSSH server. It listens on loopback with its own keys until `stop`.
 */
export async function startSshPeer(directory: string, instances: number): Promise<SshPeer | undefined> {
  if (!(await exists(sshd)) || !(await exists('/usr/bin/ssh'))) return undefined
  const home = join(directory, 'ssh')
  await mkdir(home, { mode: 0o700 })
  for (const name of ['host', 'user'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, name)])
  await writeFile(join(home, 'authorized'), await readFile(join(home, 'user.pub')), { mode: 0o600 })
  const port = await findFreePort()
  await writeFile(join(home, 'sshd_config'), serverSettings(home, port))
  // sshd requires this directory for its unprivileged process.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const server = spawnTied(sshd, ['-D', '-f', join(home, 'sshd_config'), '-E', join(home, 'sshd.log')], {
    stdio: 'ignore',
  })
  await writeFile(join(home, 'ssh_config'), clientSettings(home, port))
  await untilListening(port)
  const config = join(home, 'ssh_config')
  const masters: ChildProcess[] = []
  for (let from = 0; from < instances; from += 20) {
    const some = Array.from({ length: Math.min(20, instances - from) }, (_, index) => `i${from + index}`)
    masters.push(...some.map((host) => spawnTied('ssh', ['-F', config, '-M', '-N', host], { stdio: 'ignore' })))
    await Promise.all(some.map((host) => untilWarm(config, host)))
  }
  return {
    async run(count, script, packagePath) {
      const file = join(home, 'script')
      await writeFile(file, script)
      const send =
        packagePath === undefined ? '' : `p=$(mktemp) && cat > "$p" && CHANDLER_PACKAGE=$p CHANDLER_INSTANCE_ID=`
      return spawnMany(count, count, (index) =>
        packagePath === undefined
          ? ['sh', '-c', `ssh -F '${config}' i${index} sh < '${file}'`]
          : [
              'sh',
              '-c',
              `ssh -F '${config}' i${index} '${send}i${index} sh ${file}; e=$?; rm -f "$p"; exit $e' < '${packagePath}'`,
            ],
      )
    },
    async stop() {
      for (const child of [...masters, server]) await endChild(child)
    },
  }
}

/** A separate home: otherwise the start-up files of the user's shell would be measured, too. */
const serverSettings = (home: string, port: number) => `ListenAddress 127.0.0.1
Port ${port}
HostKey ${home}/host
AuthorizedKeysFile ${home}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
MaxStartups 1000
MaxSessions 1000
SetEnv HOME=${home}
`

const clientSettings = (home: string, port: number) => `Host *
HostName 127.0.0.1
Port ${port}
User ${userInfo().username}
IdentityFile ${home}/user
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
ControlPath ${home}/%n
ControlMaster no
`

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

async function untilListening(port: number): Promise<void> {
  await untilDone(() => run('ssh-keyscan', ['-p', String(port), '127.0.0.1']), 'sshd does not answer')
}

const untilWarm = (config: string, host: string) =>
  untilDone(() => run('ssh', ['-F', config, '-O', 'check', host]), `no connection to ${host}`)
