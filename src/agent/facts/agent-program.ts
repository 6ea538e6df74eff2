import { basename, dirname } from 'node:path'
import { isAgentProgram } from '../../core/instance/agent-program.ts'
import { ownProgramFolder } from '../platform/executable.ts'
import { readCurrent } from '../setup/program-folders.ts'

/**
 * The name of this program in its prefix; undefined if neither install.sh nor install.ps1 installed it:
 * an agent in a checkout, say, which cannot upgrade itself.
 */
export async function readAgentProgram(folder = ownProgramFolder): Promise<string | undefined> {
  const name = basename(folder)
  return isAgentProgram(name) && (await readCurrent(dirname(folder))) !== undefined ? name : undefined
}
