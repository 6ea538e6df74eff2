import type { AgentArch } from '../../src/core/instance/agent-program.ts'

/** A platform that releases are built for, with the name that each packaging system gives it. */
export interface ReleasePlatform {
  /** As npm and Node.js name it. */
  readonly npmCpu: 'x64' | 'arm64'
  /** As facts name it. */
  readonly agentArch: AgentArch
  readonly deb: string
  readonly rpm: string
}

export const releasePlatforms = {
  'linux-x64': { npmCpu: 'x64', agentArch: 'x86_64', deb: 'amd64', rpm: 'x86_64' },
  'linux-arm64': { npmCpu: 'arm64', agentArch: 'arm64', deb: 'arm64', rpm: 'aarch64' },
} as const satisfies Record<string, ReleasePlatform>

export type PlatformName = keyof typeof releasePlatforms
