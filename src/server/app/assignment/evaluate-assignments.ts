import type { AssignmentFailure, AssignmentOutcome } from '../../../core/assignment/assignment.ts'
import { outranks } from '../../../core/assignment/assignment.ts'
import { type AssignmentDecision, decideAssignment } from '../../../core/assignment/decide-assignment.ts'
import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { parseRateControl, resolveRateControl } from '../../../core/execution/resolve-rate-control.ts'
import { type ExtensionVersion, showVersion } from '../../../core/extension/extension.ts'
import type { InstanceId } from '../../../core/id.ts'
import { defaultDeliveryTimeoutMs, maxTargetsPerExecution } from '../../../core/limits.ts'
import { isWindowOpen as isOpenAt, parseWindow } from '../../../core/timing/window.ts'
import { isTimeZone, readLocalTime } from '../../../lib/local-time.ts'
import {
  type AssignmentRuns,
  readAssignmentMembers,
  readAssignmentRuns,
} from '../../../store/assignment/assignment-facts.ts'
import {
  type AssignmentRow,
  haltAssignment,
  listActiveAssignmentIds,
  listRivalRows,
  lockAssignment,
  saveEvaluation,
  setResolvedVersion,
} from '../../../store/assignment/assignments.ts'
import { readValuesStamp } from '../../../store/assignment/declared-values.ts'
import type { Connection } from '../../../store/database/database.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import { updateKnownSize } from '../../../store/instance/groups.ts'
import { insertEvent } from '../../../store/notification/events.ts'
import { loadUserPolicies } from '../access/policy/granted-policies.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { startExecution } from '../execution/start-execution.ts'
import { resolveVersion } from '../extension/resolve-version.ts'
import { readGroupTokens } from '../instance/groups.ts'
import { type GroupUse, readGroupUse } from '../instance/use-group.ts'
import { makePlan, type PlannedInstance } from '../plan/make-plan.ts'
import { openAssignmentSecrets } from './assignment-secrets.ts'
import { isAsDesired } from './is-held.ts'

/** An instance that an execution has just changed gets nothing within this time. */
const recentMs = 5 * 60_000
/** What nothing announces, such as a changed policy, is found within this time. */
const maxSettledMs = 10 * 60_000

/**
 * Evaluates every assignment that is not halted, and starts or halts what it decides. Safe on
 * several servers at once: each assignment is locked while it is evaluated.
 * @param signal stops it between two assignments
 */
export async function evaluateAssignments(context: AppContext, signal: AbortSignal): Promise<void> {
  for (const id of await listActiveAssignmentIds(context.database)) {
    if (signal.aborted) return
    await context.database.transaction().execute((transaction) => evaluateLocked(context, transaction, id))
  }
}

async function evaluateLocked(context: AppContext, connection: Connection, id: string): Promise<void> {
  const row = await lockAssignment(connection, id)
  if (!row || row.haltedAt) return
  try {
    await evaluate(context, connection, row)
  } catch (error) {
    if (!(error instanceof ChandlerError)) throw error
    const { code, message } = error
    context.log.warn('an assignment cannot be carried out', { assignment: row.name, code, reason: message })
    await save(context, connection, row, { signature: null, outcome: row.outcome, failure: { code, message } })
  }
}

async function evaluate(context: AppContext, connection: Connection, row: AssignmentRow): Promise<void> {
  const { accountId } = row
  const database = { database: connection }
  const version = await findVersion(connection, row)
  const generation = await advanceGeneration(connection, row, version)
  const runs = await readAssignmentRuns(connection, row.id, generation, recentMs)
  if (runs.open !== undefined) return
  const group = await readGroupUse(database, row, row.group)
  const extension = await getExtensionByName(connection, accountId, row.extension)
  const rivals = await readRivalGroups(connection, row)
  const tokens = await readGroupTokens(connection, accountId, row.group)
  const members = await readAssignmentMembers(connection, accountId, tokens, rivals, extension?.id)
  const { failed, recent, repeated, stopped } = runs
  const isWindowOpen = isOpen(row, context.clock.now())
  const values = await readValuesStamp(connection, accountId, row.extension)
  const runsText = [failed.length, recent.length, repeated.length, stopped, isWindowOpen, JSON.stringify(group), values]
  const text = [generation, version?.version ?? 'absent', ...runsText]
  const signature = `${text.join(' ')} ${members.signature}`
  if (signature === row.settledSignature && (row.evaluatedAgoMs ?? maxSettledMs) < maxSettledMs) return
  const actor = await loadActor(connection, row)
  const request = makeRequest(context, row, version)
  const planned =
    members.ids.length === 0
      ? []
      : (await makePlan({ ...context, ...database }, actor, { ...request, targets: { kind: 'ids', ids: members.ids } }))
          .planned
  const work = planned.filter(needsChange).map(({ instanceId }) => instanceId)
  const drifted = findDrifted(planned, members.drifted)
  const decision = decideAssignment(
    {
      isHalted: false,
      openExecution: runs.open,
      stoppedExecution: runs.stopped,
      budget: findBudget(row, group),
      failed: new Set(runs.failed),
      group: { name: group.name, size: group.size, known: group.known },
      isWindowOpen,
      work,
      drifted: row.repair ? drifted : [],
      recent: new Set(runs.recent),
      repeated: new Set(runs.repeated),
    },
    maxTargetsPerExecution,
  )
  await carryOut(context, connection, { row, actor, group, decision, generation, request })
  const outcome = summarize(planned, { work, drifted }, runs, members.overridden)
  // Until the window opens, too, nothing changes by itself.
  const isSettled = (decision.kind === 'settled' || decision.kind === 'wait') && recent.length === 0
  await save(context, connection, row, { signature: isSettled ? signature : null, outcome, failure: null })
}

/** What an assignment would do on instances now. @throws errors of planning */
export async function planAssignment(
  context: AppContext,
  row: AssignmentRow,
  ids: readonly InstanceId[],
): Promise<readonly PlannedInstance[]> {
  const version = await findVersion(context.database, row)
  const actor = await loadActor(context.database, row)
  const targets = { kind: 'ids' as const, ids }
  return (await makePlan(context, actor, { ...makeRequest(context, row, version), targets })).planned
}

/** Undefined: the extension must be absent. */
async function findVersion(
  connection: Connection,
  row: Pick<AssignmentRow, 'accountId' | 'extension' | 'version'>,
): Promise<ExtensionVersion | undefined> {
  if (row.version === null) return undefined
  const extension = await getExtensionByName(connection, row.accountId, row.extension)
  if (!extension) throw chandlerError('ExtensionNotFound', { name: row.extension })
  return resolveVersion(connection, row, extension, row.version)
}

/** A promoted or published version begins a new generation. */
async function advanceGeneration(connection: Connection, row: AssignmentRow, version: ExtensionVersion | undefined) {
  if (!version || row.resolvedVersion === version.version) return row.generation
  const generation = row.generation + (row.resolvedVersion === null ? 0 : 1)
  await setResolvedVersion(connection, row.id, version.version, generation)
  return generation
}

/** The groups of the assignments that count instead of this one, where both apply. */
async function readRivalGroups(connection: Connection, row: AssignmentRow) {
  const rivals = (await listRivalRows(connection, row.accountId, row)).filter((rival) => outranks(rival, row))
  const groups = []
  for (const rival of rivals) groups.push(await readGroupTokens(connection, row.accountId, rival.group))
  return groups
}

/** Executions have the permissions of the user who wrote the assignment last. */
async function loadActor(connection: Connection, { accountId, name, updatedBy }: AssignmentRow): Promise<Actor> {
  const policies = await loadUserPolicies(connection, accountId, updatedBy)
  return { accountId, name: updatedBy, source: `assignment/${name}`, policies }
}

const makeRequest = (context: AppContext, row: AssignmentRow, version: ExtensionVersion | undefined) => ({
  operation: {
    kind: 'extension' as const,
    action: version ? ('install' as const) : ('uninstall' as const),
    extension: row.extension,
    ...(version ? { version: showVersion(version.version) } : {}),
    parameters: { ...row.parameters, ...openAssignmentSecrets(context.secrets, row.sealed, row.id) },
  },
  rateControl: row.rateControl,
  // They get their work when they return.
  skipOffline: true,
})

/** Not `verify`: it confirms what the instance has. */
const needsChange = ({ step }: PlannedInstance) => step === 'install' || step === 'update' || step === 'uninstall'

/** Of the instances that have what they should have. */
function findDrifted(planned: readonly PlannedInstance[], drifted: readonly InstanceId[]): InstanceId[] {
  const all = new Set(drifted)
  return planned.flatMap(({ step, instanceId }) => (step === 'verify' && all.has(instanceId) ? [instanceId] : []))
}

function findBudget({ rateControl }: AssignmentRow, group: GroupUse): number {
  const parsed = parseRateControl(rateControl)
  if ('problems' in parsed) throw new Error('the stored rate control of an assignment cannot be parsed')
  return resolveRateControl(parsed.rateControl, group.size.matching).maxErrors
}

function isOpen({ window: text }: AssignmentRow, now: number): boolean {
  if (text === null) return true
  const parsed = parseWindow(text, isTimeZone)
  if ('problem' in parsed) throw chandlerError('TimingInvalid', { text, reason: parsed.problem })
  return isOpenAt(parsed.window, readLocalTime(parsed.window.timeZone, now))
}

async function carryOut(
  context: AppContext,
  connection: Connection,
  {
    row,
    actor,
    group,
    decision,
    generation,
    request,
  }: {
    readonly row: AssignmentRow
    readonly actor: Actor
    readonly group: GroupUse
    readonly decision: AssignmentDecision
    readonly generation: number
    readonly request: ReturnType<typeof makeRequest>
  },
): Promise<void> {
  if (decision.kind === 'halt') {
    await haltAssignment(connection, row.id, decision.reason)
    const { name, extension } = row
    await insertEvent(connection, row.accountId, 'assignment.halted', {
      kind: 'assignment',
      assignment: { name, group: row.group, extension, reason: decision.reason },
    })
    await writeAudit(connection, { ...actor, name: 'server' }, 'HaltAssignment', `assignment/${row.name}`, {
      reason: decision.reason,
    })
  }
  if (decision.kind !== 'start') return
  await startExecution(context, actor, {
    ...request,
    targets: { kind: 'ids', ids: decision.instanceIds },
    rateControl: { ...row.rateControl, maxErrors: decision.maxErrors },
    mode: 'Automatic',
    // The plan of the whole group has instances of every batch: those of some are as desired.
    skipsEmptyBatches: true,
    description: `Assignment ${row.name}`,
    deliveryTimeoutMs: defaultDeliveryTimeoutMs,
    ...(row.window === null ? {} : { window: row.window }),
    assignment: { id: row.id, generation },
  })
  await updateKnownSize(connection, row.accountId, group.name, group.size)
}

function summarize(
  planned: readonly PlannedInstance[],
  { work, drifted }: { readonly work: readonly InstanceId[]; readonly drifted: readonly InstanceId[] },
  runs: AssignmentRuns,
  overridden: number,
): AssignmentOutcome {
  const failed = new Set(runs.failed)
  const leftOut: Record<string, number> = {}
  let [asDesired, offline] = [0, 0]
  for (const target of planned) {
    if (isAsDesired(target)) asDesired += 1
    else if (target.step === 'skip' && target.reasonCode === 'Offline') offline += 1
    else if (target.step === 'skip') leftOut[target.reasonCode] = (leftOut[target.reasonCode] ?? 0) + 1
  }
  const failedNow = work.filter((id) => failed.has(id)).length
  return {
    members: planned.length + overridden,
    asDesired,
    different: work.length - failedNow,
    failed: failedNow,
    offline,
    overridden,
    drifted: drifted.length,
    leftOut,
  }
}

async function save(
  context: AppContext,
  connection: Connection,
  row: AssignmentRow,
  found: {
    readonly signature: string | null
    readonly outcome: AssignmentOutcome | null
    readonly failure: AssignmentFailure | null
  },
): Promise<void> {
  if (await saveEvaluation(connection, row.id, found)) context.changed([`executions/${row.accountId}`])
}
