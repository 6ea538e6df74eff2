import { readFileSync } from 'node:fs'
import type { Logger } from '../../src/lib/logger.ts'
import { createAgentBundles } from '../../src/server/agent-bundle/agent-bundle.ts'
import { projectRoot } from '../rules/project-files.ts'

/** What the API needs to give out agents, as a server makes it. */
export const makeAgentParts = (dataDirectory: string, version: string, log: Logger) => ({
  agentBundles: createAgentBundles({ dataDirectory, projectDirectory: projectRoot, version, log }),
  installScript: readFileSync(`${projectRoot}src/server/agent-bundle/install.sh`, 'utf8'),
})

/** Hashing takes no time: for tests that are about something else. */
export const lowPasswordCost = { ln: 4, r: 8, p: 1 }
