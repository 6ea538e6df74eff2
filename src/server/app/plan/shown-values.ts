import { isSequence, partsOf } from '../../../core/execution/operation/operations.ts'
import type { ParameterChange } from '../../../core/extension/effective-parameters.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { listPartSecrets } from '../../../store/execution/execution-parts.ts'
import type { ExecutionRow } from '../../../store/execution/executions.ts'
import { listParameterSets } from '../../../store/plan/parameter-sets.ts'
import type { TaskRow } from '../../../store/task/task-executions.ts'
import type { AppContext } from '../context.ts'
import { renderShownValues } from '../operation/operations.ts'
import { maskAll, type ShownValues } from '../operation/show-values.ts'
import { openSecrets } from './open-secrets.ts'

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
  if (!isSequence(operation)) return [maskSealed(context, sealed, id)]
  const rows = await listPartSecrets(context.database, [id])
  return partsOf(operation).map((_, part) =>
    maskSealed(context, rows.find((row) => row.part === part)?.sealed ?? null, id),
  )
}
