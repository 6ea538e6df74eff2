import type { JoinTokenView } from '../../../../../src/protocol/api/instances.ts'

export type TokenStatus = 'active' | 'expired' | 'usedUp'

export function findTokenStatus({ expiresAt, usesLeft }: JoinTokenView, nowMs: number): TokenStatus {
  if (Date.parse(expiresAt) <= nowMs) return 'expired'
  return usesLeft === 0 ? 'usedUp' : 'active'
}
