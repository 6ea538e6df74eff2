import { useEffect, useMemo, useState } from 'react'
import type { ClientError } from '../../../../src/client/client-error.ts'
import { useQuery } from '../../data/use-query.ts'
import type { BatchPageState, UnsharedInput } from './batch-state.ts'
import { repeatExecution } from './repeat-execution.ts'

/** Prefills the form from the execution that the address names. */
export function useRepeat(
  id: string,
  change: (values: Partial<BatchPageState>) => void,
  changeUnshared: (values: Partial<UnsharedInput>) => void,
): { readonly secrets: readonly string[]; readonly isOtherKind: boolean; readonly error: ClientError | undefined } {
  const [secrets, setSecrets] = useState<readonly string[]>([])
  const found = useQuery(id === '' ? undefined : `execution/${id}/again`, (client) => client.executions.get(id))
  const execution = id === '' || found.isOld ? undefined : found.data
  const repeated = useMemo(() => execution && repeatExecution(execution), [execution])
  useEffect(() => {
    if (!repeated || 'problem' in repeated) return
    setSecrets(repeated.secrets)
    changeUnshared(repeated.unshared)
    // Remove it from the address: from now on the form belongs to the user.
    change({ ...repeated.state, again: '' })
  }, [repeated, change, changeUnshared])
  const isOtherKind = repeated !== undefined && 'problem' in repeated
  return { secrets, isOtherKind, error: id === '' ? undefined : found.error }
}
