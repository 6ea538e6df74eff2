import { normalizeArch } from './arch.ts'
import type { OsFamily } from './facts.ts'

/** The architectures that there are agents for, as in facts. */
export const agentArchs = ['x86_64', 'arm64'] as const
export type AgentArch = (typeof agentArchs)[number]

/**
 * The platforms that there are agents for. Those of Linux have the plain name of the architecture, as in signatures and
 * executions of servers that knew no other system.
 */
export const agentPlatforms = ['x86_64', 'arm64', 'windows-x86_64'] as const
export type AgentPlatform = (typeof agentPlatforms)[number]

/** What the facts of an instance on this platform say. */
export const systemsOfAgents: Record<AgentPlatform, { readonly os: OsFamily; readonly arch: AgentArch }> = {
  x86_64: { os: 'linux', arch: 'x86_64' },
  arm64: { os: 'linux', arch: 'arm64' },
  'windows-x86_64': { os: 'windows', arch: 'x86_64' },
}

/** Undefined: there are no agents for this system. */
export const findAgentPlatform = ({
  family,
  arch,
}: {
  readonly family: OsFamily
  readonly arch: string
}): AgentPlatform | undefined =>
  agentPlatforms.find((platform) => {
    const system = systemsOfAgents[platform]
    return system.os === family && normalizeArch(system.arch) === normalizeArch(arch)
  })

/** The archive of an agent. */
export interface AgentBundleRef {
  readonly sha256: string
  readonly sizeBytes: number
}

/** The archives of one version, for each platform that a server provides. */
export type AgentBundleRefs = { readonly [Platform in AgentPlatform]?: AgentBundleRef | undefined }

/** Length of the digest in the name of a program. */
const digestLength = 12

/**
 * The name of an unpacked agent in its prefix: `0.2.0-3f2a91c04b7d`. Two builds of one version have
 * different names.
 */
export const nameAgentProgram = (version: string, { sha256 }: Pick<AgentBundleRef, 'sha256'>): string =>
  `${version}-${sha256.slice(0, digestLength)}`

/** The file name of an archive. */
export const nameAgentBundle = (version: string): string => `chandler-agent-${version}.tar.gz`

const programPattern = new RegExp(`^([0-9][0-9A-Za-z.+-]*)-[0-9a-f]{${digestLength}}$`)

/** The version in the name of a program; undefined for any other text. */
export const versionOfAgentProgram = (program: string): string | undefined => programPattern.exec(program)?.[1]

/** Whether the text is the name of an unpacked agent: a plain name of a folder. */
export const isAgentProgram = (name: string): boolean => name.length <= 128 && programPattern.test(name)

/** Compares release numbers such as `0.10.2`; what follows `-` or `+` is not compared. */
export function compareAgentVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[-+]/, 1)[0]?.split('.').map(Number) ?? [])
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0)
    if (difference !== 0 && !Number.isNaN(difference)) return difference
  }
  return 0
}
