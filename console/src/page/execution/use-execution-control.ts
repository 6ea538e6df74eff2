import { useEffect } from 'react'
import type { ClientError } from '../../../../src/client/client-error.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { useAction } from '../../data/use-action.ts'
import { executionKey } from './use-execution.ts'

/** Runs a control of an execution and shows a notification; true on success. */
export function useExecutionControl(
  { id }: Pick<ExecutionView, 'id'>,
  control: 'pause' | 'resume' | 'cancel' | 'complete',
  success: string,
) {
  const flashes = useFlashes()
  const action = useAction((client) => client.executions[control](id), [executionKey(id), 'executions'])
  useFlashedProblem(action.error)
  return {
    isRunning: action.isRunning,
    error: action.error,
    run: async () => {
      const done = await action.run(undefined)
      if (done) flashes.success(success)
      return done !== undefined
    },
  }
}

/** Error of a button without a form. */
export function useFlashedProblem(error: ClientError | undefined): void {
  const { problem } = useFlashes()
  // The function changes with each notification; report the error once.
  useEffect(() => {
    if (error) problem(error)
  }, [error])
}
