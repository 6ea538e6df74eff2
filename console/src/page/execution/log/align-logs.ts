import { diffArrays } from 'diff'
import { foldLine } from '../../../../../src/core/execution/failure-lines.ts'

/** A row of a comparison: what both say, or what only one says. */
export interface AlignedLine {
  readonly kind: 'same' | 'left' | 'right'
  readonly leftNumber: number | undefined
  readonly rightNumber: number | undefined
  readonly text: string
}

/** Lines that are equal on both sides and far from every difference, as one row. */
export interface SameLines {
  readonly kind: 'folded'
  readonly count: number
  readonly firstRow: number
}

/** Longer than a person waits for a click. */
const maxComparingMs = 1_500
const contextLines = 3

/**
 * Two outputs side by side, line by line. `isLoose`: times, numbers, addresses and paths count as equal, so that two servers that did the same
 * are the same. Undefined: they differ so much that comparing them would take too long.
 */
export function alignLogs(
  left: readonly string[],
  right: readonly string[],
  { isLoose }: { readonly isLoose: boolean },
): AlignedLine[] | undefined {
  const keysOf = (lines: readonly string[]) => (isLoose ? lines.map((line) => foldLine(line)) : lines)
  const changes = diffArrays([...keysOf(left)], [...keysOf(right)], { timeout: maxComparingMs })
  if (!changes) return undefined
  const rows: AlignedLine[] = []
  let [leftPlace, rightPlace] = [0, 0]
  for (const { added, removed, count } of changes)
    for (let line = 0; line < count; line += 1) {
      const isLeft = !added
      const isRight = !removed
      rows.push({
        kind: added ? 'right' : removed ? 'left' : 'same',
        leftNumber: isLeft ? leftPlace + 1 : undefined,
        rightNumber: isRight ? rightPlace + 1 : undefined,
        text: (isLeft ? left[leftPlace] : right[rightPlace]) ?? '',
      })
      if (isLeft) leftPlace += 1
      if (isRight) rightPlace += 1
    }
  return rows
}

/** Leaves of equal stretches what stands next to a difference; those in `unfolded` (by their first row) stay open. */
export function foldSame(
  rows: readonly AlignedLine[],
  unfolded: ReadonlySet<number> = new Set(),
): (AlignedLine | SameLines)[] {
  const shown: (AlignedLine | SameLines)[] = []
  for (let from = 0; from < rows.length; ) {
    const kind = rows[from]?.kind
    let to = from
    while (to < rows.length && rows[to]?.kind === kind) to += 1
    const head = kind !== 'same' || from === 0 ? 0 : contextLines
    const tail = kind !== 'same' || to === rows.length ? 0 : contextLines
    const count = to - from - head - tail
    const isOpen = kind !== 'same' || count <= 1 || unfolded.has(from + head)
    if (isOpen) shown.push(...rows.slice(from, to))
    else
      shown.push(
        ...rows.slice(from, from + head),
        { kind: 'folded', count, firstRow: from + head },
        ...rows.slice(to - tail, to),
      )
    from = to
  }
  return shown
}
