import { findExpiry, requireRole, type TrustFacts } from './decide.ts'
import { isInHashTree, type Sha256, type TreeProof } from './hash-tree.ts'
import {
  type ApprovedKind,
  approvedKinds,
  findWorkDifference,
  type PlanStatement,
  type StatedWork,
  type WorkOnInstances,
} from './plan-statement.ts'
import type { ApproverRule, TrustFile } from './trust-file.ts'
import type { TrustRefusal } from './trust-refusal.ts'

/** The approver rule for a kind of work; undefined: it needs no approvers. */
export function findApproverRule(
  { approvers }: Pick<TrustFile, 'approvers'>,
  kind: ApprovedKind,
): ApproverRule | undefined {
  return (approvers?.operations ?? approvedKinds).includes(kind) ? approvers : undefined
}

/** What an instance is about to do, by its own reading of the task. */
export interface IntendedWork {
  readonly executionId: string
  readonly instanceId: string
  readonly work: StatedWork
}

/** A plan as read: fields of the work that this release does not know differ from what it does. */
export type ReadPlan = Pick<PlanStatement, 'execution' | 'expires'> & {
  /** `expires` in milliseconds since 1970. */
  readonly expiresAt: number
  readonly work: readonly (Pick<WorkOnInstances, 'instances'> & { readonly does: Readonly<Record<string, unknown>> })[]
}

/** A plan that came with a task; `signers` of the facts are those of its bytes. */
export interface DeliveredPlan {
  readonly statement: ReadPlan
  /** Index of the entry that is claimed to be this work. */
  readonly entry: number
  readonly proof: TreeProof
}

/**
 * Whether an instance does its work: enough approvers signed a plan that has not expired, that is of
 * this execution, and that has exactly this work on this instance. Undefined: it does.
 * @param plan undefined: the task came without one
 */
export function decidePlan(
  facts: TrustFacts,
  rule: ApproverRule,
  intended: IntendedWork,
  plan: DeliveredPlan | undefined,
  sha256Of: Sha256,
): TrustRefusal | undefined {
  const { executionId, instanceId, work } = intended
  const refusal =
    findExpiry(facts) ?? requireRole(facts, rule, { subject: 'plan', name: executionId, role: 'approver' })
  if (refusal) return refusal
  if (!plan) throw new TypeError('there are signatures without a plan')
  const { statement, entry, proof } = plan
  const differs = (part: string): TrustRefusal => ({ code: 'PlanDiffers', arguments: { executionId, part } })
  if (statement.execution !== executionId) return differs('execution')
  if (!(facts.now < statement.expiresAt))
    return { code: 'PlanExpired', arguments: { executionId, expired: statement.expires } }
  const stated = statement.work[entry]
  if (!stated) return differs('work')
  const difference = findWorkDifference(stated.does, work)
  if (difference !== undefined) return differs(difference.slice(0, maxPart))
  return isInHashTree(instanceId, proof, stated.instances.sha256, sha256Of) ? undefined : differs('instance')
}

/** Of the names of parameters. */
const maxPart = 128
