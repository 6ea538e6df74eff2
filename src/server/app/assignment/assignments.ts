import { contradicts, outranks } from '../../../core/assignment/assignment.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { parseRateControl, type RateControlInput } from '../../../core/execution/resolve-rate-control.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { type ExecutionId, makeAssignmentId } from '../../../core/id.ts'
import { maxAssignmentsPerAccount } from '../../../core/limits.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import { parseWindow } from '../../../core/timing/window.ts'
import { isTimeZone } from '../../../lib/local-time.ts'
import { countCommon, getLastAssignmentExecution } from '../../../store/assignment/assignment-facts.ts'
import {
  type AssignmentRow,
  type AssignmentText,
  deleteAssignment,
  getAssignmentRow,
  haltAssignment,
  insertAssignment,
  listAssignmentRows,
  listRivalRows,
  resumeAssignment,
  type ShownStateConfiguration,
  updateAssignment,
} from '../../../store/assignment/assignments.ts'
import type { Connection } from '../../../store/database/database.ts'
import { getGroupRow, updateKnownSize } from '../../../store/instance/groups.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { authoriseStart } from '../execution/authorise-operation.ts'
import { readGroupTokens } from '../instance/groups.ts'
import { readGroupUse } from '../instance/use-group.ts'
import { prepareOperation } from '../operation/operations.ts'
import { openAssignmentSecrets, sealAssignmentSecrets } from './assignment-secrets.ts'

/** What a user writes. */
export interface AssignmentRequest {
  readonly name: string
  readonly description: string
  readonly group: string
  readonly extension: string
  /** `v3`, `latest` or a channel; undefined: the extension must be absent. */
  readonly version: string | undefined
  readonly parameters: ParameterValues
  readonly rateControl: RateControlInput
  readonly window: string | undefined
  readonly priority: number
  readonly repair: boolean
  /** Absent: not from a client of the OOS API. */
  readonly stateConfiguration?: ShownStateConfiguration | undefined
}

/** An assignment that wants something else of the same instances. */
export interface Contradiction {
  readonly assignment: string
  readonly instances: number
  /** Whether the other one counts there. */
  readonly isStronger: boolean
}

export interface AssignmentRecord {
  readonly row: AssignmentRow
  /** Names of secret parameters. */
  readonly secretNames: readonly string[]
  readonly lastExecution: ExecutionId | undefined
  readonly contradictions: readonly Contradiction[]
}

/** By name. */
export async function readAssignments(context: AppContext, actor: Actor): Promise<AssignmentRecord[]> {
  const rows = await listAssignmentRows(context.database, actor.accountId)
  const records: AssignmentRecord[] = []
  for (const row of rows) records.push(await complete(context, row))
  return records
}

/** @throws AssignmentNotFound */
export const readAssignment = async (context: AppContext, actor: Actor, name: string): Promise<AssignmentRecord> =>
  complete(context, await findAssignment(context.database, actor, name))

/**
 * Creates an assignment, or replaces the one with this name if `replaces`. Contradictions with other
 * assignments are part of the result.
 * @param keepSecrets secret values of the replaced one remain where the request has none
 * @throws AssignmentExists, AssignmentsTooMany, GroupNotFound, AccessDenied, and errors of planning
 */
export async function putAssignment(
  context: AppContext,
  actor: Actor,
  given: AssignmentRequest,
  { replaces, keepSecrets = false }: { readonly replaces: boolean; readonly keepSecrets?: boolean },
): Promise<AssignmentRecord> {
  const { accountId } = actor
  const { name } = given
  const request = keepSecrets ? await withKeptSecrets(context, actor, given) : given
  const secretNames = await checkRequest(context, actor, request)
  const group = await readGroupUse(context, actor, request.group)
  await context.database.transaction().execute(async (transaction) => {
    const known = await getAssignmentRow(transaction, accountId, name)
    if (known && !replaces) throw chandlerError('AssignmentExists', { name })
    const id = known?.id ?? makeAssignmentId(context.random)
    const text = makeText(context, request, id, secretNames)
    if (known) await updateAssignment(transaction, { id, by: actor.name }, text)
    else {
      if ((await listAssignmentRows(transaction, accountId)).length >= maxAssignmentsPerAccount)
        throw chandlerError('AssignmentsTooMany', { max: maxAssignmentsPerAccount })
      if (!(await insertAssignment(transaction, { id, accountId, by: actor.name }, text)))
        throw chandlerError('AssignmentExists', { name })
    }
    // The user has seen what the group matches now.
    await updateKnownSize(transaction, accountId, group.name, group.size)
    const { parameters, sealed: _, ...audited } = text
    await writeAudit(transaction, actor, known ? 'UpdateAssignment' : 'CreateAssignment', `assignment/${name}`, {
      ...audited,
      parameters,
      ...(secretNames.length > 0 ? { secretParameters: secretNames } : {}),
    })
  })
  announce(context, actor)
  return readAssignment(context, actor, name)
}

/** With the secret values of the assignment that it replaces, where it has none of its own. */
async function withKeptSecrets(
  { database, secrets }: AppContext,
  { accountId }: Actor,
  request: AssignmentRequest,
): Promise<AssignmentRequest> {
  const known = await getAssignmentRow(database, accountId, request.name)
  if (!known || known.extension !== request.extension || request.version === undefined) return request
  const kept = openAssignmentSecrets(secrets, known.sealed, known.id)
  return { ...request, parameters: { ...kept, ...request.parameters } }
}

/**
 * Halts an assignment: it starts nothing until it is resumed. An open execution continues.
 * @throws AssignmentNotFound
 */
export async function stopAssignment(context: AppContext, actor: Actor, name: string): Promise<AssignmentRecord> {
  await context.database.transaction().execute(async (transaction) => {
    const { id } = await findAssignment(transaction, actor, name)
    await haltAssignment(transaction, id, makeReason('AssignmentHaltedBy', { user: actor.name }))
    await writeAudit(transaction, actor, 'HaltAssignment', `assignment/${name}`, {})
  })
  announce(context, actor)
  return readAssignment(context, actor, name)
}

/**
 * Ends a halt: earlier failures do not count any more, and what the group matches now is confirmed.
 * The assignment has the permissions of the actor from now on.
 * @throws AssignmentNotFound, AccessDenied
 */
export async function continueAssignment(context: AppContext, actor: Actor, name: string): Promise<AssignmentRecord> {
  const row = await findAssignment(context.database, actor, name)
  authoriseStart(context, actor, { operation: operationOf({ ...row, version: row.version ?? undefined }) })
  const group = await readGroupUse(context, actor, row.group)
  await context.database.transaction().execute(async (transaction) => {
    await resumeAssignment(transaction, row.id, actor.name)
    await updateKnownSize(transaction, actor.accountId, group.name, group.size)
    await writeAudit(transaction, actor, 'ResumeAssignment', `assignment/${name}`, {})
  })
  announce(context, actor)
  return readAssignment(context, actor, name)
}

/**
 * Deletes an assignment. What its instances have remains, and an open execution continues.
 * @throws AssignmentNotFound
 */
export async function removeAssignment(context: AppContext, actor: Actor, name: string): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    const { id } = await findAssignment(transaction, actor, name)
    await deleteAssignment(transaction, id)
    await writeAudit(transaction, actor, 'DeleteAssignment', `assignment/${name}`, {})
  })
  announce(context, actor)
}

async function findAssignment(
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  name: string,
): Promise<AssignmentRow> {
  const row = await getAssignmentRow(connection, accountId, name)
  if (!row) throw chandlerError('AssignmentNotFound', { name })
  return row
}

/** Wakes the evaluation, and pages. */
const announce = (context: AppContext, { accountId }: Actor) => context.changed([`executions/${accountId}`])

const operationOf = ({
  extension,
  version,
  parameters,
}: Pick<AssignmentRequest, 'extension' | 'version' | 'parameters'>) =>
  ({
    kind: 'extension',
    action: version === undefined ? 'uninstall' : 'install',
    extension,
    ...(version === undefined ? {} : { version }),
    parameters,
  }) as const

/**
 * Checks a request as an execution of today would be, so that mistakes appear now and not on the
 * first instance. Returns the names of secret parameters.
 */
async function checkRequest(context: AppContext, actor: Actor, request: AssignmentRequest): Promise<readonly string[]> {
  const { group, window, rateControl } = request
  if (!(await getGroupRow(context.database, actor.accountId, group)))
    throw chandlerError('GroupNotFound', { name: group })
  const timing = window === undefined ? undefined : parseWindow(window, isTimeZone)
  if (timing && 'problem' in timing)
    throw chandlerError('TimingInvalid', { text: window ?? '', reason: timing.problem })
  const parsed = parseRateControl(rateControl)
  if ('problems' in parsed) {
    const [first] = parsed.problems
    throw chandlerError('RateControlInvalid', { field: first?.field ?? '', reason: first?.reason ?? '' })
  }
  const operation = operationOf(request)
  authoriseStart(context, actor, { operation })
  const { parts } = await prepareOperation(context, actor, operation)
  return Object.keys(request.parameters).filter((name) => Object.hasOwn(parts[0]?.secret ?? {}, name))
}

function makeText(
  { secrets }: AppContext,
  request: AssignmentRequest,
  id: string,
  secretNames: readonly string[],
): AssignmentText {
  const {
    name,
    description,
    group,
    extension,
    version,
    parameters,
    rateControl,
    window,
    priority,
    repair,
    stateConfiguration,
  } = request
  const pick = (secret: boolean) =>
    Object.fromEntries(Object.entries(parameters).filter(([one]) => secretNames.includes(one) === secret))
  return {
    name,
    description,
    group,
    extension,
    version: version ?? null,
    parameters: pick(false),
    sealed: sealAssignmentSecrets(secrets, pick(true), id),
    rateControl,
    window: window ?? null,
    priority,
    repair,
    stateConfiguration: stateConfiguration ?? null,
  }
}

async function complete(context: AppContext, row: AssignmentRow): Promise<AssignmentRecord> {
  const { database, secrets } = context
  const wanted = { ...row, version: row.version ?? undefined }
  const own = await readGroupTokens(database, row.accountId, row.group)
  const contradictions: Contradiction[] = []
  for (const rival of await listRivalRows(database, row.accountId, row)) {
    if (!contradicts(wanted, { ...rival, version: rival.version ?? undefined })) continue
    const other = await readGroupTokens(database, row.accountId, rival.group)
    const instances = await countCommon(database, row.accountId, own, other)
    if (instances > 0) contradictions.push({ assignment: rival.name, instances, isStronger: outranks(rival, row) })
  }
  return {
    row,
    secretNames: Object.keys(openAssignmentSecrets(secrets, row.sealed, row.id)),
    lastExecution: await getLastAssignmentExecution(database, row.id),
    contradictions,
  }
}
