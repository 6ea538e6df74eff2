import type { OverviewData } from './overview.ts'

type Attention = OverviewData['attention']
type Broken = Attention['broken'][number]

/** One thing that needs a person, whatever it is about. */
export type AttentionItem =
  | { readonly kind: 'waiting' | 'failed'; readonly since: string; readonly execution: Attention['waiting'][number] }
  | {
      readonly kind: 'broken'
      readonly since: string
      /** What one change left half-way on several instances: `broken` is the first of them. */
      readonly broken: Broken
      readonly instances: readonly Broken[]
      /** Further instances, which the server counts and does not name. */
      readonly moreCount: number
    }
  | {
      readonly kind: 'pending' | 'quarantined'
      readonly since: string
      readonly instance: Attention['pending'][number]
    }
  | { readonly kind: 'away'; readonly since: string | undefined; readonly instance: Attention['away'][number] }

/** What may be an attack, what goes on only when somebody says so, then what went wrong, then who is not heard of; the server's order within each. */
export const listAttention = ({ waiting, failed, broken, away, pending, quarantined }: Attention): AttentionItem[] => [
  ...quarantined.map((instance) => ({ kind: 'quarantined' as const, since: instance.since, instance })),
  ...pending.map((instance) => ({ kind: 'pending' as const, since: instance.since, instance })),
  ...waiting.map((execution) => ({
    kind: 'waiting' as const,
    since: execution.startedAt ?? execution.createdAt,
    execution,
  })),
  ...groupBroken(broken),
  ...failed.map((execution) => ({
    kind: 'failed' as const,
    since: execution.endedAt ?? execution.createdAt,
    execution,
  })),
  ...away.map((instance) => ({ kind: 'away' as const, since: instance.lastSeenAt, instance })),
]

const groupBroken = (broken: readonly Broken[]) =>
  [
    ...Map.groupBy(broken, ({ extension, version, executionId }) => `${extension}/${version}/${executionId}`).values(),
  ].flatMap((instances) => {
    const [first] = instances
    if (!first) return []
    const moreCount = first.sameCount - instances.length
    return [{ kind: 'broken' as const, since: first.since, broken: first, instances, moreCount }]
  })

/** The server gives ten of each. */
const listLimit = 10
export const hasMoreAttention = (attention: Attention): boolean =>
  Object.values(attention).some((list) => list.length >= listLimit)

export const keyOf = (item: AttentionItem): string => {
  switch (item.kind) {
    case 'waiting':
    case 'failed':
      return `${item.kind}/${item.execution.id}`
    case 'broken':
      return `broken/${item.broken.executionId}/${item.broken.extension}/${item.broken.version}`
    case 'pending':
    case 'quarantined':
      return `${item.kind}/${item.instance.instanceId}`
    case 'away':
      return `away/${item.instance.instanceId}`
  }
}
