import type { InstanceView } from '../../../protocol/api/instances.ts'

/**
 * Such as `online`, or `online, quarantined`; an instance that waits for approval is neither online
 * nor offline.
 */
export function showStatus({ status, admission }: Pick<InstanceView, 'status' | 'admission'>): string {
  if (admission === 'pending') return 'waiting for approval'
  return admission === 'quarantined' ? `${status}, quarantined` : status
}
