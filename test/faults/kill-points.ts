import { expect, vi } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { LedgerOptions, LedgerRun } from './ledger.ts'

/** A moment in the life of a batch install, defined by what is visible from outside. */
export interface KillPoint {
  readonly at: string
  readonly options?: LedgerOptions
  /** Resolves at that moment. */
  readonly reach: (run: LedgerRun, client: Client) => Promise<unknown>
}

const patience = { timeout: 110_000, interval: 2 }

export const killPoints: readonly KillPoint[] = [
  { at: 'right after the start was answered', reach: async () => undefined },
  { at: 'when the first tasks run', reach: (run) => run.started(1) },
  {
    at: 'between batches',
    reach: async (run, client) => {
      await run.open()
      await vi.waitFor(async () => {
        const { batches } = await client.executions.get(run.executionId)
        expect((batches[0]?.success ?? 0) + (batches[0]?.failed ?? 0)).toBe(1)
      }, patience)
    },
  },
  {
    at: 'while output streams',
    options: { lines: 200, pace: '0.01', rateControl: { mode: 'Concurrency', concurrency: 4, maxErrors: '100%' } },
    reach: async (run, client) => {
      await run.open()
      await vi.waitFor(async () => {
        const { items } = await client.executions.listOutput(run.executionId)
        expect(items.length).toBeGreaterThan(8)
      }, patience)
    },
  },
  {
    at: 'at the very end',
    reach: async (run) => {
      await run.open()
      await run.ended(run.instanceIds.length)
    },
  },
]
