import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { OperatorError } from '../../lib/operator-error.ts'
import type { ServiceState } from './plan-setup.ts'
import { unitName } from './unit-file.ts'

const run = promisify(execFile)

/** The files and programs of systemd; a test gives its own. */
export interface SystemdPlaces {
  readonly unitFile: string
  /** A folder that exists while systemd is the init process: see sd_booted(3). */
  readonly bootedFolder: string
  readonly systemctl: string
  readonly journalctl: string
}

export const systemdPlaces: SystemdPlaces = {
  unitFile: `/etc/systemd/system/${unitName}`,
  bootedFolder: '/run/systemd/system',
  systemctl: 'systemctl',
  journalctl: 'journalctl',
}

/** Runs systemctl. Rejects with OperatorError, which begins with `failure` and ends with what systemctl printed. */
export async function runSystemctl(
  { systemctl }: SystemdPlaces,
  args: readonly string[],
  failure: string,
): Promise<void> {
  try {
    await run(systemctl, [...args])
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    throw new OperatorError(`${failure}: ${stderr?.trim() || message}`, { cause: error })
  }
}

/** Undefined if systemd does not run here, or systemctl is missing. */
export async function readService(places: SystemdPlaces): Promise<ServiceState | undefined> {
  if (!(await isFolder(places.bootedFolder))) return undefined
  const args = ['show', unitName, '--property=ActiveState,UnitFileState,MainPID']
  try {
    return parseService((await run(places.systemctl, args)).stdout)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new OperatorError(`systemctl does not show ${unitName}: ${(error as Error).message}`, { cause: error })
  }
}

/** What `systemctl show` prints, also for a service that does not exist: `NAME=VALUE` lines. */
export function parseService(shown: string): ServiceState {
  const values = new Map(
    shown.split('\n').map((line) => {
      const [name = '', value = ''] = line.split(/=(.*)/s)
      return [name, value]
    }),
  )
  return {
    isActive: !['inactive', 'failed', ''].includes(values.get('ActiveState') ?? ''),
    isEnabled: values.get('UnitFileState') === 'enabled',
    mainPid: Number(values.get('MainPID') ?? 0),
  }
}

/** Why the agent ended, as its log says; undefined if the log does not say it or cannot be read. */
export async function readLastError({ journalctl }: SystemdPlaces): Promise<string | undefined> {
  // Only what the agent itself wrote, not what systemd says about it.
  const args = [`_SYSTEMD_UNIT=${unitName}`, '--output=cat', '--lines=50', '--no-pager']
  const log = await run(journalctl, args).then(
    ({ stdout }) => stdout,
    () => '',
  )
  return findLastError(log)
}

/** The last line of a log that is the message of an error, also above a stack. */
export const findLastError = (log: string): string | undefined =>
  log
    .split('\n')
    .flatMap((line) => /^(?:chandler-agent: |(?=[A-Za-z]*Error\b))(.+)$/.exec(line)?.[1] ?? [])
    .at(-1)

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
