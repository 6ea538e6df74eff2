import type { OutputRow } from '../../app/execution/read-executions.ts'

/** What a reader has received of an output: bytes by invocation and stream. */
export interface OutputPlace {
  /** As `readNewOutput` takes and continues it. */
  seen(): Map<string, number>
  add(rows: readonly Pick<OutputRow, 'invocationId' | 'stream' | 'startByte' | 'data'>[]): void
  /** Undefined if it has not begun, or has too many parts: then it begins at the first byte again. */
  render(): string | undefined
}

/** Attempts of one task, two streams each. An execution of many tasks has more; a place has to fit into an address. */
const maxParts = 32

/** `inv-a-1-1:0:345,inv-a-1-1:1:20`. Parts that are not of this form were not made here and are left out. */
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
