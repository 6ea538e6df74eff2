import { type KeyUse, updateLastUses } from '../../../../store/access/access-keys.ts'
import type { AppContext } from '../../context.ts'

/** Records when access keys are used, in batches: a busy client costs one row change per batch. */
export interface KeyUses {
  note(id: string, from: string): void
  /** Writes the pending uses and stops. */
  close(): Promise<void>
}

/** One statement per interval, whatever the number of requests. */
const writeEveryMs = 10_000

export function createKeyUses({ database, clock, log }: Pick<AppContext, 'database' | 'clock' | 'log'>): KeyUses {
  let noted = new Map<string, KeyUse>()
  let timer: { cancel(): void } | undefined
  let writing: Promise<void> = Promise.resolve()

  function write(): Promise<void> {
    timer = undefined
    const uses = [...noted.values()]
    noted = new Map()
    if (uses.length === 0) return writing
    writing = writing
      .then(() => updateLastUses(database, uses))
      // The next use of each key retries the write.
      .catch((error: unknown) => log.warn('the last uses of access keys were not written', { error }))
    return writing
  }

  return {
    note(id, from) {
      noted.set(id, { id, from, at: new Date(clock.now()) })
      timer ??= clock.setTimeout(() => void write(), writeEveryMs, { unref: true })
    },
    async close() {
      timer?.cancel()
      await write()
    },
  }
}
