import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A shell command that reboots the machine, for hosts with a procedure of their own. */
const rebootCommandVariable = 'CHANDLER_AGENT_REBOOT_COMMAND'
/** A file that contains the boot id, for containers that have the one of their host. */
const bootIdFileVariable = 'CHANDLER_AGENT_BOOT_ID_FILE'

const commandTimeoutMs = 120_000

/** The directory exists only if systemd is the init system: sd_booted(3). */
const hasSystemd = () => existsSync('/run/systemd/system')

/** A value that changes with every boot of the operating system. */
export const readLinuxBootId = (): string =>
  readFileSync(process.env[bootIdFileVariable] || '/proc/sys/kernel/random/boot_id', 'latin1').trim()

/** Rejects with an Error whose message names the command and what it said. */
export async function rebootLinux(): Promise<void> {
  const own = process.env[rebootCommandVariable]
  const [program, ...args] = own
    ? ['/bin/sh', '-c', own]
    : hasSystemd()
      ? ['systemctl', 'reboot']
      : ['shutdown', '-r', 'now']
  try {
    await run(program as string, args, { timeout: commandTimeoutMs })
  } catch (error) {
    throw new Error(describeFailure(own || [program, ...args].join(' '), error))
  }
}

function describeFailure(command: string, error: unknown): string {
  const { code, signal, stderr = '' } = error as { code?: unknown; signal?: unknown; stderr?: string }
  const how =
    code === 'ENOENT'
      ? 'does not exist'
      : typeof code === 'number'
        ? `failed with exit code ${code}`
        : signal
          ? `did not end within ${commandTimeoutMs / 1000} s`
          : `could not be started (${String(code)})`
  const last = stderr.trim().split('\n').at(-1)?.trim() ?? ''
  return `the command "${command}" ${how}${last === '' ? '' : `: ${last.replace(/[.]$/, '')}`}`
}

/**
 * systemd queues the shutdown before it stops the first unit, but logind may delay that for
 * programs that asked it to (inhibitors).
 */
export async function findLinuxShutdown(): Promise<'up' | 'rebooting' | 'poweringOff'> {
  if (!hasSystemd()) return 'up'
  for (;;) {
    // systemctl(1): every state but `running` has an exit code other than 0.
    if ((await ask('systemctl', 'is-system-running')).trim() === 'stopping') break
    if (!delaysShutdown() || !(await isPreparing())) return 'up'
    await setTimeout(delayLookMs)
  }
  const jobs = await ask('systemctl', 'list-jobs', '--plain', '--no-legend', '--no-pager')
  return /\b(?:poweroff|halt)\.target\b/.test(jobs) ? 'poweringOff' : 'rebooting'
}

const delayLookMs = 100
const inhibitors = '/run/systemd/inhibit'

/** Whether a program has asked logind to delay shutdowns; cheaper than to ask logind. */
const delaysShutdown = () =>
  (existsSync(inhibitors) ? readdirSync(inhibitors) : [])
    .map((name) => readOrEmpty(join(inhibitors, name)))
    .some((text) => /^WHAT=.*\bshutdown\b/m.test(text) && /^MODE=delay/m.test(text))

/** A FIFO of an inhibitor is beside its description, and both may be gone by now. */
const readOrEmpty = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'latin1') : ''

const isPreparing = async () =>
  (await ask('loginctl', 'show-session', '--property=PreparingForShutdown', '--value')).trim() === 'yes'

/** The output, whatever the exit code is; empty if the command cannot run. */
const ask = (program: string, ...args: string[]): Promise<string> =>
  run(program, args, { timeout: 5_000 }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? '',
  )
