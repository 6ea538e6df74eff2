import type { ActionOptions, RequestedExtension } from '../../../core/execution/operation.ts'
import {
  type EffectiveParameters,
  type InstalledValues,
  resolveParameters,
} from '../../../core/extension/effective-parameters.ts'
import type { Action, ParameterDeclarations } from '../../../core/extension/extension.ts'
import { canonicalParameters } from '../../../core/extension/parameter.ts'
import type { AccountId, ExtensionId } from '../../../core/id.ts'
import type { InstalledState } from '../../../core/instance/instance.ts'
import type { WantedValues } from '../../../core/plan/plan.ts'
import type { Connection } from '../../../store/database/database.ts'
import { listInstalledValues } from '../../../store/plan/parameter-sets.ts'
import type { PlanInput } from '../../../store/plan/plan-inputs.ts'
import type { AppContext } from '../context.ts'
import { openSecrets } from './open-secrets.ts'

/** The dependencies of planning. The connection may be that of a transaction. */
export interface PlanContext
  extends Pick<AppContext, 'agentBundles' | 'digests' | 'secrets' | 'clock' | 'region' | 'accountName'> {
  readonly database: Connection
  /**
   * For users who may not start the execution: secret values are not compared, because planning
   * would allow guessing them.
   */
  readonly hidesSecretChanges?: boolean | undefined
}

export type RequestedPart = RequestedExtension &
  Pick<ActionOptions, 'reinstall' | 'autoremove'> & { readonly action: Action }

/** The effective values of targets with the same installed values. */
export interface ParameterSet extends EffectiveParameters {
  /** From 1; 0 is the set for instances without an installed version. */
  readonly number: number
  readonly parametersDigest: string
  readonly hidesSecrets?: boolean
}

/**
 * Values of one extension by installed state, computed once for each different set of installed
 * values.
 */
export interface ParameterSets {
  readonly own: ParameterSet
  valuesFor(installed: InstalledState | undefined): WantedValues
  /** Those that `valuesFor` has returned. */
  get(number: number | undefined): ParameterSet
}

/** Installed values by extension and digest. */
export type InstalledValuesOf = (state: InstalledState) => InstalledValues

/** Creates the value sets of one extension for a plan. */
export function createParameterSets(
  { digests, hidesSecretChanges = false }: Pick<PlanContext, 'digests' | 'hidesSecretChanges'>,
  declarations: ParameterDeclarations,
  { action, parameters, resetParameters = false }: RequestedPart,
  installedValuesOf: InstalledValuesOf,
): ParameterSets {
  const sets: ParameterSet[] = []
  const add = (installed: InstalledValues | undefined): ParameterSet => {
    const effective = resolveParameters(declarations, action, parameters, { installed, reset: resetParameters })
    const parametersDigest = digests.of(canonicalParameters(effective.values))
    const set = { ...effective, number: sets.length, parametersDigest }
    sets.push(set)
    return set
  }
  const own = add(undefined)
  const byDigest = new Map<string, ParameterSet>()
  const find = (state: InstalledState): ParameterSet => {
    const known = byDigest.get(state.parametersDigest)
    if (known) return known
    const set = add(installedValuesOf(state))
    // The values of an installed state may have been deleted with their execution: its digest is
    // still exact.
    const same = set.parametersDigest === state.parametersDigest ? { ...set, changes: [] } : set
    const shown = hidesSecretChanges ? hideSecretChanges(same, state) : same
    byDigest.set(state.parametersDigest, shown)
    return shown
  }
  return {
    own,
    valuesFor(installed) {
      if (installed === undefined) return own
      const set = find(installed)
      return { ...set, parameterSet: set.number }
    },
    get: (number = 0) => sets[number] ?? own,
  }
}

/** As if no secret value had changed: the result does not depend on given or installed secrets. */
function hideSecretChanges(set: ParameterSet, { parametersDigest }: InstalledState): ParameterSet {
  const changes = set.changes.filter(({ secret }) => secret !== true)
  // The digest is that of the installed values: a digest of the given ones would reveal whether
  // they are equal.
  return { ...set, changes, parametersDigest, hidesSecrets: true }
}

/** Loads the installed values of targets. */
export async function readInstalledValues(
  { database, digests, secrets }: PlanContext,
  accountId: AccountId,
  inputs: readonly PlanInput[],
): Promise<InstalledValuesOf> {
  const states = new Map<string, InstalledState>()
  for (const { installed } of inputs) for (const state of installed) if (state) states.set(keyOf(state), state)
  const rows = await listInstalledValues(database, accountId, [...states.values()])
  const values = new Map<string, InstalledValues>(
    rows.map(({ extensionId, parametersDigest, open, sealed, executionId }) => [
      keyOf({ extensionId, parametersDigest: digests.rekey(parametersDigest) }),
      { open, secret: openSecrets(secrets, sealed, executionId) },
    ]),
  )
  return (state) => values.get(keyOf(state)) ?? nothing
}

const nothing: InstalledValues = { open: {}, secret: {} }

const keyOf = ({ extensionId, parametersDigest }: { extensionId: ExtensionId; parametersDigest: string }) =>
  `${extensionId} ${parametersDigest}`
