import type { OverviewData } from './overview.ts'

type Attention = OverviewData['attention']
type Broken = Attention['broken'][number]

/** An item that needs attention. */
export type AttentionItem =
  | { readonly kind: 'waiting' | 'failed'; readonly since: string; readonly execution: Attention['waiting'][number] }
  | {
      readonly kind: 'broken'
      readonly since: string
      /** An incomplete change on several instances: `broken` is the first of them. */
      readonly broken: Broken
      readonly instances: readonly Broken[]
      /** Number of further instances, which the server does not name. */
      readonly moreCount: number
    }
  | {
      readonly kind: 'pending' | 'quarantined'
      readonly since: string
      readonly instance: Attention['pending'][number]
    }
  | { readonly kind: 'away'; readonly since: string | undefined; readonly instance: Attention['away'][number] }

/**
 * Possible attacks, then pending decisions, failures and offline instances; in the server's order
 * within each.
 */
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

/** The server returns up to ten per kind. */
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
