import type { ExecutionId } from '../../core/id.ts'
import { listOutputTails } from '../../store/output-tails.ts'
import type { AppContext } from './context.ts'

/** What a script printed last; as much as Cloud Assistant keeps of an output (reference §4.5). */
const maxOutputTailBytes = 24 * 1024

export interface OutputTail {
  readonly text: string
  /** Printed before it, and not in it. */
  readonly cutBytes: number
}

/**
 * What the newest attempts of some tasks printed last, both streams in the order of time, by the tasks' ordinals. The caller has read the
 * execution.
 */
export async function readOutputTails(
  { database }: Pick<AppContext, 'database'>,
  executionId: ExecutionId,
  ordinals: readonly number[],
): Promise<ReadonlyMap<number, OutputTail>> {
  if (ordinals.length === 0) return new Map()
  const rows = await listOutputTails(database, executionId, ordinals, maxOutputTailBytes)
  return new Map(
    [...Map.groupBy(rows, ({ ordinal }) => ordinal)].map(([ordinal, pieces]) => {
      const ends = new Map<number, number>()
      for (const { stream, endByte } of pieces) ends.set(stream, Math.max(endByte, ends.get(stream) ?? 0))
      const printed = [...ends.values()].reduce((sum, end) => sum + end, 0)
      const tail = Buffer.concat(pieces.map(({ data }) => data)).subarray(-maxOutputTailBytes)
      return [ordinal, { text: tail.toString('utf8'), cutBytes: printed - tail.length }]
    }),
  )
}
