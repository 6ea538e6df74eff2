import type { ExecutionId, ExtensionId, InstanceId } from '../id.ts'
import type { Facts } from './facts.ts'

/** One managed server. */
export interface Instance {
  readonly id: InstanceId
  readonly name: string
  readonly status: InstanceStatus
  readonly facts: Facts
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
}

export const instanceStatuses = ['online', 'offline'] as const
export type InstanceStatus = (typeof instanceStatuses)[number]

/**
 * What an instance has of one extension.
 * `installed`: the last mutation of it ended well. `broken`: a mutation ended half-way; what is really there is unknown,
 * so a plan never calls it "nothing to do".
 */
export interface InstalledState {
  readonly extensionId: ExtensionId
  readonly status: 'installed' | 'broken'
  readonly version: number
  readonly configurationId: string
  /** Digest over the effective parameter values (see parameter.ts), so that plans compare without seeing secrets. */
  readonly parametersDigest: string
  /** Digest of the configuration that was installed; absent where it was installed before that was recorded. */
  readonly contentDigest?: string | undefined
  readonly executionId: ExecutionId
}
