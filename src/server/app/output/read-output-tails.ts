import type { ExecutionId } from '../../../core/id.ts'
import { listOutputTails, listPartOutputs, type OutputTailRow } from '../../../store/report/output-tails.ts'
import type { AppContext } from '../context.ts'

/** The last output of a script; the limit is Cloud Assistant's (reference §4.5). */
const maxOutputTailBytes = 24 * 1024

export interface OutputTail {
  readonly text: string
  /** Number of earlier bytes that are not included. */
  readonly cutBytes: number
}

/** The output of a task's newest attempt; with several extensions by part. */
export interface TaskTails {
  readonly whole: OutputTail
  readonly parts: ReadonlyMap<number, OutputTail & { readonly output: string }>
}

const nothing: OutputTail = { text: '', cutBytes: 0 }

/**
 * The last output of the scripts of some tasks, both streams by time, by the tasks' ordinals. If
 * several scripts ran (an update uninstalls first, an output script follows), that of the task's
 * main script. The caller has loaded the execution.
 */
export async function readOutputTails(
  { database }: Pick<AppContext, 'database'>,
  executionId: ExecutionId,
  ordinals: readonly number[],
): Promise<ReadonlyMap<number, TaskTails>> {
  if (ordinals.length === 0) return new Map()
  const rows = Map.groupBy(
    await listOutputTails(database, executionId, ordinals, maxOutputTailBytes),
    ({ ordinal }) => ordinal,
  )
  const outputs = Map.groupBy(await listPartOutputs(database, executionId, ordinals), ({ ordinal }) => ordinal)
  return new Map(
    ordinals.map((ordinal) => {
      const byPart = Map.groupBy(rows.get(ordinal) ?? [], ({ part }) => part)
      const answers = new Map((outputs.get(ordinal) ?? []).map(({ part, output }) => [part, output]))
      const numbers = new Set([...byPart.keys(), ...answers.keys()].filter((part) => part !== null))
      const parts = [...numbers].map(
        (part) => [part, { ...joinTail(byPart.get(part) ?? []), output: answers.get(part) ?? '' }] as const,
      )
      return [ordinal, { whole: joinTail(byPart.get(null) ?? []), parts: new Map(parts) }]
    }),
  )
}

function joinTail(pieces: readonly OutputTailRow[]): OutputTail {
  if (pieces.length === 0) return nothing
  const ends = new Map<number, number>()
  for (const { stream, endByte } of pieces) ends.set(stream, Math.max(endByte, ends.get(stream) ?? 0))
  const printed = [...ends.values()].reduce((sum, end) => sum + end, 0)
  const tail = Buffer.concat(pieces.map(({ data }) => data)).subarray(-maxOutputTailBytes)
  return { text: tail.toString('utf8'), cutBytes: printed - tail.length }
}
