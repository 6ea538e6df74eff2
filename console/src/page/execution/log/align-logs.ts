import { diffArrays } from 'diff'
import { foldLine } from '../../../../../src/core/execution/failure-lines.ts'

/** A row of the comparison: a line on both sides or on one. */
export interface AlignedLine {
  readonly kind: 'same' | 'left' | 'right'
  readonly leftNumber: number | undefined
  readonly rightNumber: number | undefined
  readonly text: string
}

/** Collapsed identical lines, away from any difference. */
export interface SameLines {
  readonly kind: 'folded'
  readonly count: number
  readonly firstRow: number
}

/** Maximum comparison time, before users lose patience. */
const maxComparingMs = 1_500
const contextLines = 3

/**
 * Aligns two outputs line by line. `isLoose` ignores times, numbers, addresses and paths, so that
 * outputs of equal runs match. Undefined: too different to compare in reasonable time.
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

/**
 * Collapses identical lines except near differences; `unfolded` lists expanded ranges by their
 * first row.
 */
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
