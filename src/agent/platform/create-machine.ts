import { createLinuxMachine } from './linux-machine.ts'
import type { HostMachine } from './machine.ts'
import { windowsMachine } from './windows/windows-machine.ts'

/** The machine that this process runs on. */
export const createMachine = (): HostMachine => (process.platform === 'win32' ? windowsMachine : createLinuxMachine())
