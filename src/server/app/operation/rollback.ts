import { chandlerError } from '../../../core/error/errors.ts'
import { partOf, partsOf } from '../../../core/execution/operation/operations.ts'
import type { Operation, OperationPart, RollbackOperation, RollbackRequest } from '../../../core/execution/operation.ts'
import { readRebootOptions } from '../../../core/execution/operation.ts'
import type { InstanceId } from '../../../core/id.ts'
import { combineParts } from '../../../core/plan/plan-parts.ts'
import { planRollback } from '../../../core/plan/plan-rollback.ts'
import { getExecution } from '../../../store/execution/executions.ts'
import { listStateChanges, type StateChangeRow } from '../../../store/execution/state-changes.ts'
import { configurationKey, listConfigurations } from '../../../store/extension/configurations.ts'
import type { Actor } from '../context.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { timeoutOfConfiguration } from './find-extension-timeouts.ts'
import { handOutExtension } from './hand-out-extension.ts'
import type { OperationHandler, PreparedOperation } from './operation-handler.ts'
import { type PreviousValues, readPreviousValues } from './previous-values.ts'
import { stateChanges } from './state-change.ts'

/** The return of instances to the state before an execution. */
export const rollbackHandler: OperationHandler<RollbackOperation, RollbackRequest> = {
  runsCommands: false,
  templates: ({ extensions }) => extensions,
  prepare: prepareRollback,
  async findTimeouts(connection, operation, { planned }) {
    const versions = planned.flatMap((target) =>
      (target.parts ?? []).flatMap(({ toVersion, fromVersion }, index) => {
        const version = toVersion ?? fromVersion
        return version === undefined ? [] : [`${index} ${version}`]
      }),
    )
    const extensionOf = (index: number) => partAt(operation, index).extensionId
    const wanted = [...new Set(versions)].map((key) => {
      const [index = 0, version = 0] = key.split(' ').map(Number)
      return { extensionId: extensionOf(index), version }
    })
    const configurations = await listConfigurations(connection, wanted)
    return ({ toVersion, fromVersion = 0, configurationId = '' }, part) =>
      timeoutOfConfiguration(
        configurations.get(configurationKey(extensionOf(part), toVersion ?? fromVersion, configurationId)),
      )
  },
  describeForAudit: ({ executionId, parts }) => ({
    rollbackOf: executionId,
    extensions: parts.map(({ extensionName }) => ({ extension: extensionName })),
  }),
  // The values are those of each task.
  showValues: ({ parts }) =>
    parts.map(({ extensionName: extension }) => ({ extension, values: {}, given: [], reset: false })),
  restate: (_, operation) => ({
    kind: operation.kind,
    executionId: operation.executionId,
    extensions: operation.parts.map(({ extensionName }) => extensionName),
    ...readRebootOptions(operation),
  }),
  approvedKind: 'extension',
  stateWork: (operation, facts) => stateChanges(operation.parts, operation, facts),
  handOut: (context, operation, work) => handOutExtension(context, partAt(operation, work.one.part), operation, work),
}

const partAt = (operation: RollbackOperation, part: number | null) => partOf(operation, part) as OperationPart

async function prepareRollback(
  context: PlanContext,
  { accountId }: Pick<Actor, 'accountId'>,
  { kind, executionId, ...options }: RollbackRequest,
): Promise<PreparedOperation> {
  const { database, digests } = context
  const execution = await getExecution(database, accountId, executionId)
  if (!execution) throw chandlerError('ExecutionNotFound', { id: executionId })
  const changes = await listStateChanges(database, accountId, executionId)
  const parts = listParts(execution.operation, changes)
  const values = await readPreviousValues(context, accountId, executionId)
  const configurations = await listConfigurations(database, listVersions(changes))
  const rekey = <State extends { readonly parametersDigest: string } | undefined>(state: State): State =>
    state && { ...state, parametersDigest: digests.rekey(state.parametersDigest) }
  const byKey = new Map(changes.map((change) => [`${change.instanceId} ${change.extensionId}`, change]))
  return {
    operation: { kind, executionId, ...readRebootOptions(options), parts },
    content: undefined,
    parts: parts.map(() => ({ version: undefined, secret: {} })),
    extensionIds: parts.map(({ extensionId }) => extensionId),
    order: listInstances(changes),
    plan: (inputs, installedValuesOf) => {
      const sets: PreviousValues[] = parts.map(({ extensionId }) => values(extensionId, installedValuesOf))
      const planned = inputs.map(({ id, installed }) =>
        combineParts(
          id,
          parts.map(({ extensionId, extensionName }, index) => {
            const change = byKey.get(`${id} ${extensionId}`)
            const [before, now] = [rekey(change?.before), installed[index]]
            const decision = planRollback({
              change: change && { before, after: rekey(change.after), changedBy: change.changedBy ?? undefined },
              installed: now,
              isAvailable:
                before !== undefined &&
                configurations.has(configurationKey(extensionId, before.version, before.configurationId)),
              values: before && sets[index]?.find(before, now),
            })
            return { extensionName, ...decision }
          }),
        ),
      )
      return { planned, sets }
    },
  }
}

/** The changed extensions, the one that was changed last first; versions and values are per task. */
function listParts(operation: Operation, changes: readonly StateChangeRow[]): OperationPart[] {
  const changed = new Set(changes.map(({ extensionId }) => extensionId))
  return partsOf(operation)
    .filter(({ extensionId }) => changed.has(extensionId))
    .toReversed()
    .map(({ extensionId, extensionName }) => ({
      extensionId,
      extensionName,
      version: 0,
      parameters: {},
      parametersDigest: '',
      given: [],
    }))
}

const listInstances = (changes: readonly StateChangeRow[]): InstanceId[] => [
  ...new Set(changes.map(({ instanceId }) => instanceId)),
]

/** The versions that instances had, each once. */
function listVersions(changes: readonly StateChangeRow[]) {
  const versions = new Map(
    changes.flatMap(({ extensionId, before }) =>
      before ? [[`${extensionId} ${before.version}`, { extensionId, version: before.version }] as const] : [],
    ),
  )
  return [...versions.values()]
}
