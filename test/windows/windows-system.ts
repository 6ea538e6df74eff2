import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'
import { installWindowsAgent, type WindowsInstance } from './windows-instance.ts'
import {
  explainNoWine,
  prepareWindowsPrograms,
  prepareWineRoot,
  startWineMachine,
  type WineMachine,
} from './wine-root.ts'

/** A server and a Wine machine with an agent. */
export interface WindowsSystem {
  readonly system: CliSystem
  readonly machine: WineMachine
  readonly instance: WindowsInstance
  stop(): Promise<void>
}

/**
 * Resolves to the reason where this machine cannot make the root, or not within ten minutes: the tests are then skipped
 * with it. Whatever fails afterwards is a failure.
 * @param startServer with these environment variables
 */
export async function startWindowsSystem(
  startServer: (settings: Readonly<Record<string, string>>) => Promise<CliSystem> = startCliSystem,
): Promise<WindowsSystem | { readonly obstacle: string }> {
  const prepared = await prepare()
  if ('obstacle' in prepared) {
    process.stderr.write(`SKIPPED: the agent for Windows is not tested, because ${prepared.obstacle}\n`)
    return prepared
  }
  const programs = await prepareWindowsPrograms()
  const system = await startServer({ CHANDLER_AGENT_EXECUTABLES: programs })
  const machine = await startWineMachine(prepared.root)
  const stop = async () => {
    await machine[Symbol.asyncDispose]()
    await system.stop()
  }
  try {
    return { system, machine, instance: await installWindowsAgent(system, machine, 'wine'), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function prepare(): Promise<{ readonly root: string } | { readonly obstacle: string }> {
  const obstacle = explainNoWine()
  if (obstacle !== undefined) return { obstacle }
  try {
    return { root: await prepareWineRoot() }
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    const cause = stderr.trim().split('\n').at(-1) || message
    return { obstacle: `the root with Wine was not made within ten minutes: ${cause}` }
  }
}
