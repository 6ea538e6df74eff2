import type { InstanceId, InvocationId } from '../../../core/id.ts'
import { type ComparedState, compareInstalled } from '../../../core/instance/reconcile-installed.ts'
import { type OpenReconciliation, reconcileOpen } from '../../../core/instance/reconcile-open.ts'
import { reportGraceMs } from '../../../core/limits.ts'
import type { Connection } from '../../../store/database/database.ts'
import { listAdmitted } from '../../../store/instance/admissions.ts'
import {
  applyInstalledRecords,
  type FoundDifference,
  listKnownStates,
} from '../../../store/instance/installed-records.ts'
import {
  deleteDeletedInvocations,
  extendDeadlines,
  listBusyExtensions,
  listKnownInvocations,
} from '../../../store/report/known-invocations.ts'
import type { AppContext } from '../context.ts'
import { applyReports } from './apply-reports.ts'
import type { Report } from './report.ts'

/** The inventory of an agent's hello. */
export interface AgentInventory {
  readonly open: readonly { readonly id: InvocationId; readonly state?: string | undefined }[]
  /** Absent: an agent of an old version, which does not send it. */
  readonly installed?: readonly InventoryRecord[] | undefined
  /** Whether `open` is complete. */
  readonly isComplete: boolean
}

export type InventoryRecord = ComparedState & { readonly extensionName: string }

export interface InventoryOf {
  readonly instanceId: InstanceId
  readonly inventory: AgentInventory
}

/**
 * Reconciles agents with the server: returns which invocations are cancelled or over and which
 * missing ends are requested, and stores the installed state that the instances report. An agent of
 * an old version cannot be asked: invocations that it no longer has are given up immediately. For a
 * quarantined instance it is unknown which agent is right, and one that waits for approval never
 * got work: their inventories change nothing.
 */
export async function reconcileAgents(
  context: AppContext,
  connected: readonly InventoryOf[],
): Promise<Map<InstanceId, OpenReconciliation>> {
  const { database } = context
  const admitted = await listAdmitted(
    database,
    connected.map(({ instanceId }) => instanceId),
  )
  const agents = connected.filter(({ instanceId }) => admitted.has(instanceId))
  const named = agents.map(({ instanceId, inventory }) => ({ instanceId, ids: inventory.open.map(({ id }) => id) }))
  const known = Map.groupBy(await listKnownInvocations(database, named), ({ instanceId }) => instanceId)
  const answers = new Map<InstanceId, OpenReconciliation>(
    connected.map(({ instanceId }) => [instanceId, { cancelled: [], over: [], wanted: [], settled: [] }]),
  )
  for (const { instanceId, inventory } of agents)
    answers.set(
      instanceId,
      reconcileOpen(known.get(instanceId) ?? [], {
        open: inventory.open.map(({ id, state }) => ({ id, isEnded: state === 'ended' })),
        isComplete: inventory.isComplete,
      }),
    )
  const settled = [...answers.values()].flatMap((answer) => answer.settled)
  if (settled.length > 0) await deleteDeletedInvocations(database, settled)
  const received = agents.map(({ instanceId, inventory }) => ({
    instanceId,
    ids: inventory.open.filter(({ state }) => state === 'ended' || state === 'waiting').map(({ id }) => id),
  }))
  if (received.some(({ ids }) => ids.length > 0)) await extendDeadlines(database, received, reportGraceMs)
  await failForgotten(context, agents, answers, known)
  await reconcileInstalled(context, agents)
  return answers
}

async function failForgotten(
  context: AppContext,
  agents: readonly InventoryOf[],
  answers: ReadonlyMap<InstanceId, OpenReconciliation>,
  known: ReadonlyMap<InstanceId, readonly { readonly id: InvocationId; readonly state: string }[]>,
): Promise<void> {
  const reports = agents
    .filter(({ inventory }) => inventory.installed === undefined)
    .flatMap(({ instanceId }): Report[] => {
      const states = new Map(known.get(instanceId)?.map(({ id, state }) => [id, state]))
      const begun =
        answers.get(instanceId)?.wanted.filter((id) => !['sent', 'lost'].includes(states.get(id) ?? '')) ?? []
      return begun.map((invocationId) => ({ kind: 'unknown', instanceId, invocationId }))
    })
  if (reports.length > 0) await applyReports(context, reports)
}

async function reconcileInstalled(
  { database, digests }: Pick<AppContext, 'database' | 'digests'>,
  agents: readonly InventoryOf[],
): Promise<void> {
  // As in apply-reports.ts: a record may be from an earlier release.
  const rekey = (record: InventoryRecord) => ({ ...record, parametersDigest: digests.rekey(record.parametersDigest) })
  const complete = agents.flatMap(({ instanceId, inventory: { installed, open, isComplete } }) =>
    installed && isComplete ? [{ instanceId, installed: installed.map(rekey), ids: open.map(({ id }) => id) }] : [],
  )
  if (complete.length === 0) return
  const isDifferent = (await findDifferences(database, complete)).length > 0
  if (!isDifferent) return
  // Usually there is nothing to do; otherwise it is checked again under locks.
  await database.transaction().execute(async (transaction) => {
    const busy = new Set(
      (await listBusyExtensions(transaction, complete)).map((one) => `${one.instanceId} ${one.extensionId}`),
    )
    const differences = await findDifferences(transaction, complete)
    await applyInstalledRecords(
      transaction,
      differences.filter((one) => !busy.has(`${one.instanceId} ${one.extensionId}`)),
    )
  })
}

async function findDifferences(
  connection: Connection,
  agents: readonly { readonly instanceId: InstanceId; readonly installed: readonly InventoryRecord[] }[],
): Promise<FoundDifference[]> {
  const states = await listKnownStates(
    connection,
    agents.map(({ instanceId }) => instanceId),
  )
  const known = Map.groupBy(states, ({ instanceId }) => instanceId)
  return agents.flatMap(({ instanceId, installed }) => {
    const names = new Map(installed.map(({ extensionId, extensionName }) => [extensionId, extensionName]))
    return compareInstalled(known.get(instanceId) ?? [], installed).map((difference) => ({
      ...difference,
      instanceId,
      extensionName: names.get(difference.extensionId) ?? '',
    }))
  })
}
