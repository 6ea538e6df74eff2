import { defaultDeliveryTimeoutMs, maxDeliveryTimeoutMs } from '../limits.ts'

/**
 * What an execution does about offline instances. `wait`: they get their work when they return, if
 * they do in time. `skip`: they are left out when it is planned. `fail`: their tasks fail.
 */
export const offlinePolicies = ['wait', 'skip', 'fail'] as const
export type OfflinePolicy = (typeof offlinePolicies)[number]

/** As requested; everything may be absent. */
export interface OfflineRequest {
  readonly whenOffline?: OfflinePolicy | undefined
  /** An earlier form of `skip`. */
  readonly skipOffline?: boolean | undefined
  /** How long a task waits for its instance. */
  readonly deliveryTimeoutMs?: number | undefined
}

/** As executions store it. */
export interface OfflineTerms {
  readonly skipOffline: boolean
  readonly deliveryTimeoutMs: number
}

/** An instance that reconnects within this time, such as after a restart of its agent, has not failed. */
export const offlineGraceMs = 30_000

/**
 * Resolves what is requested about offline instances. Without a policy a task waits ten minutes,
 * with `wait` seven days.
 * @returns the problem if the request contradicts itself
 */
export function resolveWhenOffline({
  whenOffline,
  skipOffline = false,
  deliveryTimeoutMs,
}: OfflineRequest): { readonly terms: OfflineTerms } | { readonly problem: string } {
  if (whenOffline === undefined)
    return { terms: { skipOffline, deliveryTimeoutMs: deliveryTimeoutMs ?? defaultDeliveryTimeoutMs } }
  if (skipOffline && whenOffline !== 'skip') return { problem: `${whenOffline} contradicts skipOffline` }
  if (whenOffline !== 'wait' && deliveryTimeoutMs !== undefined)
    return { problem: `${whenOffline} takes no deadline; use wait` }
  const waitMs = {
    wait: deliveryTimeoutMs ?? maxDeliveryTimeoutMs,
    skip: defaultDeliveryTimeoutMs,
    fail: offlineGraceMs,
  }
  return { terms: { skipOffline: whenOffline === 'skip', deliveryTimeoutMs: waitMs[whenOffline] } }
}
