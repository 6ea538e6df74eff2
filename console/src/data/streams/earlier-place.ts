import type { Topic } from '../../../../src/protocol/api/streams.ts'

type Place = string | undefined

/** The earlier of two stream positions. Undefined: the beginning. */
export function earlierPlace(kind: Topic['kind'], a: Place, b: Place): Place {
  if (a === undefined || b === undefined || kind === 'lists') return undefined
  return kind === 'execution' ? earlierRevision(a, b) : earlierBytes(a, b)
}

/** `12`: after all of revision 12. `12-40`: within it. */
function earlierRevision(a: string, b: string): string {
  const [revisionA = 0, ordinalA = Number.POSITIVE_INFINITY] = a.split('-').map(Number)
  const [revisionB = 0, ordinalB = Number.POSITIVE_INFINITY] = b.split('-').map(Number)
  return revisionA < revisionB || (revisionA === revisionB && ordinalA <= ordinalB) ? a : b
}

/** `inv-a-1-1:1:345,…`: what both have received of each part. */
function earlierBytes(a: string, b: string): Place {
  const ofB = new Map(b.split(',').map(splitPart))
  const both = a.split(',').flatMap((part) => {
    const [name, bytes] = splitPart(part)
    const other = ofB.get(name)
    return other === undefined ? [] : [`${name}:${Math.min(bytes, other)}`]
  })
  return both.length > 0 ? both.join(',') : undefined
}

const splitPart = (part: string): [string, number] => {
  const colon = part.lastIndexOf(':')
  return [part.slice(0, colon), Number(part.slice(colon + 1))]
}
