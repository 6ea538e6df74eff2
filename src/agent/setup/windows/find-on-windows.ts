import { stat } from 'node:fs/promises'
import { queryRegistry } from '../../platform/windows/registry.ts'
import { readHostMachine } from '../../platform/windows/windows-host.ts'
import { readStoredEnrolment } from '../find-on-machine.ts'
import { listInstalledVersions, orUndefined, readCurrent } from '../program-folders.ts'
import type { SetupPlaces } from '../setup-request.ts'
import { readWindowsService } from './perform-windows-step.ts'
import { serviceName, type WindowsFindings } from './plan-windows-setup.ts'

const serviceKey = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${serviceName}`

/** Looks at the machine, without changing anything. */
export async function findOnWindows(
  { prefix, state }: SetupPlaces,
  readHolder: (state: string) => Promise<number | undefined>,
): Promise<WindowsFindings> {
  const [service, command, current, versions, found, enrolment, holder] = await Promise.all([
    readWindowsService(),
    queryRegistry(serviceKey, 64, '/v', 'ImagePath'),
    readCurrent(prefix),
    listInstalledVersions(prefix),
    orUndefined(stat(state)),
    readStoredEnrolment(state),
    readHolder(state),
  ])
  return {
    isAdministrator: readHostMachine().get('administrator') === '1',
    service,
    serviceCommand: service === 'none' ? undefined : command[0]?.value,
    current,
    versions,
    hasState: found !== undefined,
    enrolment,
    holder,
  }
}

/** Lines for an operator; `isRunning` is what the exit code says. */
export function describeOnWindows(
  { prefix, state }: SetupPlaces,
  { current, versions, enrolment, service, holder }: WindowsFindings,
): { readonly lines: readonly string[]; readonly isRunning: boolean } {
  const lines = [
    ['version', current ?? 'none installed'],
    ['other versions', versions.filter((name) => name !== current).join(', ') || 'none'],
    ['prefix', prefix],
    ['state', state],
    ['instance', enrolment?.instanceId ?? 'not enrolled'],
    ['server', enrolment?.serverUrl ?? 'none'],
    ['service', service],
    ['process', holder === undefined ? 'none' : String(holder)],
  ].map(([label, value]) => `${label}:`.padEnd(16) + value)
  return { lines, isRunning: current !== undefined && holder !== undefined }
}
