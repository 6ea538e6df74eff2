import type { OutputRow } from '../../app/execution/read-executions.ts'

/** The reader's position in an output: bytes received per invocation and stream. */
export interface OutputPlace {
  /** The map that `readNewOutput` reads and updates. */
  seen(): Map<string, number>
  add(rows: readonly Pick<OutputRow, 'invocationId' | 'stream' | 'startByte' | 'data'>[]): void
  /**
   * Undefined at the beginning, or if the position has too many parts: reading then starts at the
   * first byte again.
   */
  render(): string | undefined
}

/**
 * Covers the attempts of one task with two streams each. An execution with many tasks has more; a
 * position must fit into a URL.
 */
const maxParts = 32

/**
 * Parses `inv-a-1-1:0:345,inv-a-1-1:1:20`. Malformed parts were not created here and are ignored.
 */
export function createOutputPlace(text: string | undefined): OutputPlace {
  const bytes = new Map<string, number>()
  let isWhole = true
  for (const part of (text ?? '').split(',').slice(0, maxParts)) {
    const [, invocationId, stream, count] = /^([\w.-]{1,128}):(\d):(\d{1,15})$/.exec(part) ?? []
    if (invocationId !== undefined) bytes.set(`${invocationId} ${stream}`, Number(count))
  }
  return {
    seen: () => new Map(bytes),
    add(rows) {
      for (const { invocationId, stream, startByte, data } of rows)
        if (isWhole) bytes.set(`${invocationId} ${stream}`, startByte + data.length)
      if (bytes.size > maxParts) {
        isWhole = false
        bytes.clear()
      }
    },
    render: () =>
      bytes.size > 0 ? [...bytes].map(([key, count]) => `${key.replace(' ', ':')}:${count}`).join(',') : undefined,
  }
}
