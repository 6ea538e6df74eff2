import { readFileSync } from 'node:fs'
import type { Logger } from '../../src/lib/logger.ts'
import { createAgentBundles } from '../../src/server/agent-bundle/agent-bundle.ts'
import { provideNodeLauncher } from '../node-launcher.ts'
import { projectRoot } from '../rules/project-files.ts'

/** The agent bundle that the API serves, built as a server does. */
export function makeAgentParts(dataDirectory: string, version: string, log: Logger) {
  provideNodeLauncher(dataDirectory)
  return {
    agentBundles: createAgentBundles({
      dataDirectory,
      projectDirectory: projectRoot,
      executablesDirectory: undefined,
      version,
      log,
    }),
    installScript: readFileSync(`${projectRoot}src/server/agent-bundle/install.sh`, 'utf8'),
  }
}

/** Low-cost hashing, for tests of other subjects. */
export const lowPasswordCost = { ln: 4, r: 8, p: 1 }
