import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AgentBundles } from '../../../src/server/app/agent/agent-bundles.ts'
import { startExecution } from '../../../src/server/app/execution/start-execution.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

test('agent bundles are built before the transaction of a start: the database would end it meanwhile', async () => {
  await plane.enrol(1)
  /** The first time for each architecture: that is when a server builds it. */
  const openTransactions = new Map<string, number>()
  const agentBundles: AgentBundles = {
    async open(arch) {
      if (!openTransactions.has(arch)) openTransactions.set(arch, await countOpenTransactions())
      return { sha256: 'a'.repeat(64), sizeBytes: 1, version: '1.2.3', read: async function* () {} }
    },
    find: () => Promise.resolve(undefined),
  }
  const request = {
    operation: { kind: 'agentUpgrade', connectTimeoutMs: 120_000 },
    targets: { kind: 'all' },
    mode: 'Automatic',
    description: '',
    deliveryTimeoutMs: 60_000,
    rateControl: {},
  } as const
  await startExecution({ ...plane.context, agentBundles }, actor, request)
  expect(Object.fromEntries(openTransactions)).toEqual({ x86_64: 0, arm64: 0 })
})

async function countOpenTransactions(): Promise<number> {
  const { rows } = await plane.db.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'",
  )
  return rows[0]?.count ?? 0
}
