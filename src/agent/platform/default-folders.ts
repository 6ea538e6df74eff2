import { join } from 'node:path'

const { ProgramData = 'C:\\ProgramData' } = process.env

/** Where the state of an installed agent is. */
export const defaultStateDirectory: string =
  process.platform === 'win32' ? join(ProgramData, 'Chandler') : '/var/lib/chandler-agent'
