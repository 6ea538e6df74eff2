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
}

export const systemdPlaces: SystemdPlaces = {
  unitFile: `/etc/systemd/system/${unitName}`,
  bootedFolder: '/run/systemd/system',
  systemctl: 'systemctl',
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

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
