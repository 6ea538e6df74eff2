import type { OsFamily } from '../instance/facts.ts'

/**
 * The exit codes by which a script requests a reboot: it has succeeded, and the machine has to be
 * rebooted before the next step. 194 is the code of AWS SSM; 3010 and 1641 are those of Windows
 * Installer (ERROR_SUCCESS_REBOOT_REQUIRED, ERROR_SUCCESS_REBOOT_INITIATED).
 */
const rebootExitCodes: Readonly<Record<OsFamily, readonly number[]>> = {
  linux: [194],
  windows: [3010, 1641],
}

/**
 * Whether a script that ended by itself has requested a reboot. `hasFile`: the file named by
 * `CHANDLER_REBOOT` exists; it counts for a successful script only.
 */
export const requestsReboot = (family: OsFamily, { exitCode, hasFile }: { exitCode: number; hasFile: boolean }) =>
  rebootExitCodes[family].includes(exitCode) || (exitCode === 0 && hasFile)
