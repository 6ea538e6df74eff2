import { ChandlerError } from '../../../core/error/errors.ts'
import { restateRateControl } from '../../../core/execution/resolve-rate-control.ts'
import { type DueRollback, listDueRollbacks, setRollbackHandled } from '../../../store/execution/execution-gates.ts'
import { getExecution } from '../../../store/execution/executions.ts'
import type { AppContext } from '../context.ts'
import { rollbackExecution } from '../execution/rollback-execution.ts'

/**
 * Starts the rollbacks of executions that ended at a failed gate. Safe on several servers and after
 * a crash: a rollback has a client token of its execution.
 */
export async function startDueRollbacks(context: AppContext): Promise<void> {
  for (const due of await listDueRollbacks(context.database)) await startRollback(context, due)
}

async function startRollback(context: AppContext, { id, accountId, createdBy }: DueRollback): Promise<void> {
  // The user requested the rollback when starting the execution.
  const actor = { accountId, name: createdBy, source: 'gate', policies: 'everything' } as const
  try {
    const execution = await getExecution(context.database, accountId, id)
    if (execution) {
      const { mode, concurrencyInBatches, concurrency, maxErrors } = restateRateControl(execution.rate_control)
      const atOnce = mode === 'Batch' ? concurrencyInBatches : concurrency
      const rateControl = { maxErrors, ...(atOnce === undefined ? {} : { concurrency: atOnce }) }
      await rollbackExecution(context, actor, id, { rateControl, clientToken: `gate-${id}` })
    }
  } catch (error) {
    if (!(error instanceof ChandlerError)) throw error
    // For example: it changed nothing, or a user has rolled it back.
    context.log.warn('an execution with a failed gate was not rolled back', { id, code: error.code })
  }
  await setRollbackHandled(context.database, id)
}
