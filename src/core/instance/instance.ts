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

/** Whether the agent of an instance is connected. */
export const instanceStatuses = ['online', 'offline'] as const
export type InstanceStatus = (typeof instanceStatuses)[number]

/**
 * The state of one extension on an instance. `installed`: its last change succeeded. `broken`: a
 * change did not complete, so the actual state is unknown and a plan never reports "nothing to do".
 */
export interface InstalledState {
  readonly extensionId: ExtensionId
  readonly status: 'installed' | 'broken'
  readonly version: number
  readonly configurationId: string
  /**
   * Digest over the effective parameter values (see parameter.ts), so that plans compare without
   * seeing secrets.
   */
  readonly parametersDigest: string
  /**
   * Digest of the installed configuration; absent if it was installed before digests were recorded.
   */
  readonly contentDigest?: string | undefined
  readonly executionId: ExecutionId
}
