import { createLinuxMachine } from './linux-machine.ts'
import type { Machine } from './machine.ts'
import { windowsMachine } from './windows/windows-machine.ts'

/** The machine that this process runs on. */
export const createMachine = (): Machine => (process.platform === 'win32' ? windowsMachine : createLinuxMachine())
