import type { AgentBundleRef, AgentPlatform } from '../instance/agent-program.ts'

export const agentFormat = 'chandler-agent-1'

/** What the release key signs of an agent: its canonical bytes are this as JSON with sorted keys. */
export const makeAgentStatement = (version: string, arch: AgentPlatform, { sha256, sizeBytes }: AgentBundleRef) => ({
  format: agentFormat,
  version,
  arch,
  sha256,
  sizeBytes,
})
