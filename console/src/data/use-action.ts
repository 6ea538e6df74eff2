import { useCallback, useState } from 'react'
import type { Client } from '../../../src/client/client.ts'
import { ClientError } from '../../../src/client/client-error.ts'
import { useConsoleData } from './console-data.tsx'

export interface RunningAction<Input, Result> {
  /** Undefined if the server refused it: see `error`. Bugs of the console are thrown. */
  readonly run: (input: Input) => Promise<Result | undefined>
  readonly isRunning: boolean
  readonly error: ClientError | undefined
  readonly reset: () => void
}

/** A user action: calls the API, then refetches the queries named in `refreshes`. */
export function useAction<Input, Result>(
  act: (client: Client, input: Input) => Promise<Result>,
  refreshes: readonly string[] = [],
): RunningAction<Input, Result> {
  const { clientFor, queries } = useConsoleData()
  const [isRunning, setIsRunning] = useState(false)
  const [error, setError] = useState<ClientError>()
  const run = async (input: Input) => {
    setIsRunning(true)
    setError(undefined)
    try {
      const result = await act(clientFor(), input)
      for (const prefix of refreshes) queries.refresh(prefix)
      return result
    } catch (caught) {
      if (!(caught instanceof ClientError)) throw caught
      setError(caught)
      return undefined
    } finally {
      setIsRunning(false)
    }
  }
  return { run, isRunning, error, reset: useCallback(() => setError(undefined), []) }
}
