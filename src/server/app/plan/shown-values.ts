import { type Operation, type OperationPart, partsOf } from '../../../core/execution/operation.ts'
import type { ParameterChange } from '../../../core/extension/effective-parameters.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { maskedValue } from '../../../core/extension/parameter.ts'
import { listPartSecrets } from '../../../store/execution/execution-parts.ts'
import type { ExecutionRow } from '../../../store/execution/executions.ts'
import { listParameterSets } from '../../../store/plan/parameter-sets.ts'
import type { TaskRow } from '../../../store/task/task-executions.ts'
import type { AppContext } from '../context.ts'
import { openSecrets } from './open-secrets.ts'

/** Values of one extension, or of a command, for display: secrets are masked. */
export interface ShownValues {
  /** Absent: a command. */
  readonly extension?: string
  readonly values: ParameterValues
  /** Names of the given ones. */
  readonly given: readonly string[]
  /** Installed values are not kept. */
  readonly reset: boolean
}

/** The values of a task. */
export interface ShownTaskValues extends Pick<ShownValues, 'extension' | 'values'> {
  /** Compared with the installed values at planning. */
  readonly changes: readonly ParameterChange[]
}

type Reading = Pick<AppContext, 'database' | 'secrets' | 'log'>

/**
 * Names of sealed values, each with the mask. Values that cannot be opened (because of another
 * secret key, say) are logged and do not prevent the others from being shown.
 */
export function maskSealed(
  { secrets, log }: Pick<AppContext, 'secrets' | 'log'>,
  sealed: Buffer | null,
  executionId: string,
): ParameterValues {
  try {
    return maskAll(openSecrets(secrets, sealed, executionId))
  } catch (error) {
    log.error('secret values cannot be opened', { executionId, error: String(error) })
    return {}
  }
}

const maskAll = (secret: ParameterValues): ParameterValues =>
  Object.fromEntries(Object.keys(secret).map((name) => [name, maskedValue]))

/** Of an operation whose secret values are available, by part. */
export function renderShownValues(operation: Operation, secrets: readonly ParameterValues[]): ShownValues[] {
  if (operation.kind === 'command') {
    const values = { ...operation.parameters, ...maskAll(secrets[0] ?? {}) }
    return Object.keys(values).length === 0 ? [] : [{ values, given: Object.keys(values), reset: false }]
  }
  return partsOf(operation).map((part, index) => showPart(part, secrets[index] ?? {}))
}

function showPart(
  { extensionName, parameters, given, resetParameters }: OperationPart,
  secret: ParameterValues,
): ShownValues {
  const values = { ...parameters, ...maskAll(secret) }
  // In executions of releases that did not keep installed values every value counts as given.
  return {
    extension: extensionName,
    values,
    given: given ?? Object.keys(values),
    reset: resetParameters ?? given === undefined,
  }
}

/**
 * The values that an execution was started with: those for instances without an installed version.
 */
export async function readExecutionValues(context: Reading, execution: ExecutionRow): Promise<ShownValues[]> {
  return renderShownValues(execution.operation, await listOwnSecrets(context, execution))
}

/** The values of a task, by part. */
export async function readTaskValues(
  context: Reading,
  execution: ExecutionRow,
  task: TaskRow,
): Promise<ShownTaskValues[]> {
  const { operation, id: executionId } = execution
  const numbers = task.parts?.map(({ parameterSet }) => parameterSet ?? null) ?? [task.parameter_set]
  const keys = numbers.flatMap((number, part) => (number === null ? [] : [{ executionId, part, number }]))
  const sets = new Map((await listParameterSets(context.database, keys)).map((set) => [set.part, set]))
  return renderShownValues(operation, await listOwnSecrets(context, execution)).map(({ extension, values }, part) => {
    const set = sets.get(part)
    const name = extension === undefined ? {} : { extension }
    if (!set) return { ...name, values, changes: [] }
    return {
      ...name,
      values: { ...set.parameters, ...maskSealed(context, set.sealed, executionId) },
      changes: set.changes,
    }
  })
}

async function listOwnSecrets(context: Reading, execution: ExecutionRow): Promise<ParameterValues[]> {
  const { id, operation, secret_parameters_sealed: sealed } = execution
  if (operation.kind !== 'extensions') return [maskSealed(context, sealed, id)]
  const rows = await listPartSecrets(context.database, [id])
  return operation.parts.map((_, part) =>
    maskSealed(context, rows.find((row) => row.part === part)?.sealed ?? null, id),
  )
}
