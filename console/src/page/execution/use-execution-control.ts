import { useEffect } from 'react'
import type { ClientError } from '../../../../src/client/client-error.ts'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { useFlashes } from '../../app/flashes.tsx'
import { useAction } from '../../data/use-action.ts'
import { executionKey } from './use-execution.ts'

/** A control of an execution that says above the page how it went; true if it was done. */
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

/** A refusal of a button that has no form to stand in. */
export function useFlashedProblem(error: ClientError | undefined): void {
  const { problem } = useFlashes()
  // The function is another one after each message; the error is said once.
  useEffect(() => {
    if (error) problem(error)
  }, [error])
}
