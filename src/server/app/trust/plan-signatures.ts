import { chandlerError } from '../../../core/error/errors.ts'
import type { SignedPlan } from '../../../core/execution/invocation.ts'
import type { PlanApproval } from '../../../core/trust/plan-approval.ts'
import type { PlanStatement } from '../../../core/trust/plan-statement.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { ExecutionOperationRow } from '../../../store/execution/executions.ts'
import type { HandedOut } from '../../../store/report/invocations.ts'
import {
  type ExecutionPlanRow,
  listExecutionPlans,
  listPlanInstances,
  listPlanPlaces,
} from '../../../store/trust/execution-plans.ts'
import { listSignatures, type SignatureRow } from '../../../store/trust/signatures.ts'
import type { Actor, AppContext } from '../context.ts'
import { readExecution } from '../execution/read-executions.ts'

/** The plan of an execution with its signatures, and with everything that its digests stand for. */
export interface PlanToSign {
  readonly canonical: string
  readonly sha256: string
  readonly approval: PlanApproval
  readonly signatures: readonly SignatureRow[]
  /** Ids of the instances of each work, in the order of its hash tree. */
  readonly instances: readonly (readonly string[])[]
  /** Of a command. */
  readonly script: string | undefined
}

/** @throws ExecutionNotFound, PlanNotFound if the execution needs no signatures */
export async function getPlanToSign(
  context: Pick<AppContext, 'database'>,
  actor: Actor,
  id: string,
): Promise<PlanToSign> {
  const { execution } = await readExecution(context, actor, id)
  const [plan] = await listExecutionPlans(context.database, [execution.id])
  if (!plan || !execution.approval)
    throw chandlerError('PlanSignatureRefused', { id, reason: 'its plan needs no signatures' })
  return {
    canonical: plan.canonical,
    sha256: plan.sha256,
    approval: execution.approval,
    signatures: await listSignatures(context.database, actor.accountId, [plan.sha256]),
    instances: await listPlanInstances(context.database, execution.id),
    script: execution.command_content ?? undefined,
  }
}

/** The signed plans of invocations, by `keyOfPlace`. */
export type SignedPlans = ReadonlyMap<string, SignedPlan>

/** What the invocations of executions that approvers sign bring along. */
export async function loadSignedPlans(
  { secrets }: Pick<AppContext, 'secrets'>,
  connection: Connection,
  executions: readonly ExecutionOperationRow[],
  handedOut: readonly HandedOut[],
): Promise<SignedPlans> {
  const ids = executions.flatMap(({ id, approval }) => (approval ? [id] : []))
  if (ids.length === 0) return new Map()
  const plans = new Map((await listExecutionPlans(connection, ids)).map((plan) => [plan.executionId, plan]))
  const opened = new Map<string, Pick<SignedPlan, 'canonical' | 'signatures' | 'salt'> & { statement: PlanStatement }>()
  for (const plan of plans.values()) opened.set(plan.executionId, await openPlan(secrets, connection, plan))
  const places = await listPlanPlaces(
    connection,
    handedOut.filter(({ executionId }) => plans.has(executionId)),
  )
  return new Map(
    places.flatMap(({ executionId, instanceId, part, work, proof }) => {
      const plan = opened.get(executionId)
      if (!plan) return []
      const { statement, ...signed } = plan
      const does = statement.work[work]?.does
      const secret = does && 'secrets' in does ? Object.keys(does.secrets) : []
      return [[keyOfPlace({ executionId, instanceId, part }), { ...signed, work, proof, secret }] as const]
    }),
  )
}

async function openPlan(
  secrets: AppContext['secrets'],
  connection: Connection,
  { executionId, accountId, canonical, sha256, saltSealed }: ExecutionPlanRow,
) {
  const signatures = await listSignatures(connection, accountId, [sha256])
  return {
    canonical,
    statement: JSON.parse(canonical) as PlanStatement,
    signatures: signatures.map(({ signature }) => signature),
    salt: secrets.open(saltSealed, `execution/${executionId}`).toString('utf8'),
  }
}

export const keyOfPlace = ({
  executionId,
  instanceId,
  part,
}: {
  readonly executionId: string
  readonly instanceId: string
  readonly part: number | null
}) => `${executionId} ${instanceId} ${part ?? 0}`
