import { makeHashTree, type Sha256, type TreeProof } from './hash-tree.ts'
import { type PlanStatement, planFormat, type StatedWork } from './plan-statement.ts'

/** The work of one task, by part; undefined: nothing is done for that part. */
export interface PlannedTargetWork {
  readonly instanceId: string
  readonly work: readonly (StatedWork | undefined)[]
}

/** Where a part of a task is in the plan: what its invocation brings along. */
export interface PlanPlace {
  readonly instanceId: string
  readonly part: number
  /** Index in the work of the plan. */
  readonly work: number
  readonly proof: TreeProof
}

/**
 * The plan of an execution, and the place of each task in it. Equal work is stated once, in the
 * order of its first task.
 * @param render canonical JSON
 */
export function makePlanStatement(
  { execution, expires }: Pick<PlanStatement, 'execution' | 'expires'>,
  targets: readonly PlannedTargetWork[],
  { render, sha256Of }: { readonly render: (value: unknown) => string; readonly sha256Of: Sha256 },
): { readonly statement: PlanStatement; readonly places: readonly PlanPlace[] } {
  const groups = new Map<string, { does: StatedWork; tasks: { instanceId: string; part: number }[] }>()
  for (const { instanceId, work } of targets)
    for (const [part, does] of work.entries()) {
      if (!does) continue
      const key = render(does)
      const group = groups.get(key) ?? { does, tasks: [] }
      group.tasks.push({ instanceId, part })
      groups.set(key, group)
    }
  const work: PlanStatement['work'][number][] = []
  const places: PlanPlace[] = []
  for (const { does, tasks } of groups.values()) {
    const { root, proofs } = makeHashTree(
      tasks.map(({ instanceId }) => instanceId),
      sha256Of,
    )
    for (const [index, task] of tasks.entries()) places.push({ ...task, work: work.length, proof: proofs[index] ?? [] })
    work.push({ does, instances: { count: tasks.length, sha256: root } })
  }
  return { statement: { format: planFormat, execution, expires, work }, places }
}

/** The root of the hash tree of instances, for a client that was given the list. */
export const hashInstances = (instanceIds: readonly string[], sha256Of: Sha256): string =>
  makeHashTree(instanceIds, sha256Of).root
