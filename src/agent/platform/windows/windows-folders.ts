import { join } from 'node:path'

/** The folder of the programs of Windows itself. */
export const system32: string = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32')

export const msiexecPath: string = join(system32, 'msiexec.exe')
