import type { InstalledValues } from '../../../core/extension/effective-parameters.ts'
import { listChanges } from '../../../core/extension/effective-parameters.ts'
import type { AccountId, ExecutionId, ExtensionId } from '../../../core/id.ts'
import type { InstalledState } from '../../../core/instance/instance.ts'
import type { StateOfChange } from '../../../core/plan/plan-rollback.ts'
import { listPreviousValues } from '../../../store/execution/state-changes.ts'
import { openSecrets } from '../plan/open-secrets.ts'
import type { InstalledValuesOf, ParameterSet, ParameterSets, PlanContext } from '../plan/parameter-sets.ts'

/** The values that a rollback restores for one extension, once per set of previous and current ones. */
export interface PreviousValues extends Pick<ParameterSets, 'get'> {
  /** Undefined if the values are not known any more. */
  find(before: StateOfChange, installed: InstalledState | undefined): (ParameterSet & ParameterSetNumber) | undefined
}

interface ParameterSetNumber {
  readonly parameterSet: number
}

/** Loads the values that instances had before an execution, secret ones included. */
export async function readPreviousValues(
  { database, digests, secrets, hidesSecretChanges }: PlanContext,
  accountId: AccountId,
  executionId: ExecutionId,
): Promise<(extensionId: ExtensionId, installedValuesOf: InstalledValuesOf) => PreviousValues> {
  const rows = await listPreviousValues(database, accountId, executionId)
  const known = new Map<string, InstalledValues>(
    rows.map((row) => [
      `${row.extensionId} ${digests.rekey(row.parametersDigest)}`,
      { open: row.parameters, secret: openSecrets(secrets, row.sealed, row.executionId) },
    ]),
  )
  return (extensionId, installedValuesOf) => {
    const sets: ParameterSet[] = []
    const byKey = new Map<string, ParameterSet>()
    const add = (parametersDigest: string, values: InstalledValues, now: InstalledState | undefined) => {
      const set = makeSet(sets.length + 1, { parametersDigest, ...values }, now && installedValuesOf(now))
      const shown = hidesSecretChanges ? { ...set, changes: set.changes.filter(({ secret }) => !secret) } : set
      sets.push(shown)
      return shown
    }
    return {
      find({ parametersDigest }, installed) {
        const values = known.get(`${extensionId} ${parametersDigest}`)
        if (!values) return undefined
        const key = `${parametersDigest} ${installed?.parametersDigest ?? ''}`
        const set = byKey.get(key) ?? add(parametersDigest, values, installed)
        byKey.set(key, set)
        return { ...set, parameterSet: set.number }
      },
      get(number = 0) {
        const set = sets[number - 1]
        if (!set) throw new Error(`there are no previous values ${number}`)
        return set
      },
    }
  }
}

function makeSet(
  number: number,
  { parametersDigest, open, secret }: InstalledValues & { readonly parametersDigest: string },
  installed: InstalledValues | undefined,
): ParameterSet {
  const values = { ...open, ...secret }
  const isSecret = (name: string) =>
    Object.hasOwn(secret, name) || (installed !== undefined && Object.hasOwn(installed.secret, name))
  const changes = installed ? listChanges({ ...installed.open, ...installed.secret }, values, isSecret) : []
  return { number, parametersDigest, open, secret, values, changes, missing: [], unfit: [], declared: [], refused: [] }
}
