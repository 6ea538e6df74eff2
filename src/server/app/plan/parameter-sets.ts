import type { ActionOptions, RequestedExtension } from '../../../core/execution/operation.ts'
import type { DeclaredValues } from '../../../core/extension/declared-values.ts'
import {
  type EffectiveParameters,
  type InstalledValues,
  resolveParameters,
} from '../../../core/extension/effective-parameters.ts'
import type { Action, ParameterDeclarations } from '../../../core/extension/extension.ts'
import { canonicalParameters } from '../../../core/extension/parameter.ts'
import type { AccountId, ExtensionId, InstanceId } from '../../../core/id.ts'
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
  valuesFor(installed: InstalledState | undefined, instanceId: InstanceId): WantedValues
  /** Those that `valuesFor` has returned. */
  get(number: number | undefined): ParameterSet
}

/** Declared values that apply to an instance. */
export interface AppliedValues {
  readonly declared: readonly DeclaredValues[]
  /** Equal for instances with the same ones. */
  readonly key: string
}

export const nothingDeclared: AppliedValues = { declared: [], key: '' }

/** Declared values of an extension, by its name. */
export type DeclaredValuesOf = (extension: string, instanceId: InstanceId) => AppliedValues

/** Installed values by extension and digest. */
export type InstalledValuesOf = (state: InstalledState) => InstalledValues

/** Creates the value sets of one extension for a plan. */
export function createParameterSets(
  { digests, hidesSecretChanges = false }: Pick<PlanContext, 'digests' | 'hidesSecretChanges'>,
  declarations: ParameterDeclarations,
  { action, parameters, resetParameters = false }: RequestedPart,
  installedValuesOf: InstalledValuesOf,
  declaredFor: (instanceId: InstanceId) => AppliedValues,
): ParameterSets {
  const sets: ParameterSet[] = []
  const add = (installed: InstalledValues | undefined, { declared }: AppliedValues): ParameterSet => {
    const effective = resolveParameters(declarations, action, parameters, {
      installed,
      reset: resetParameters,
      declared,
    })
    const parametersDigest = digests.of(canonicalParameters(effective.values))
    const set = { ...effective, number: sets.length, parametersDigest }
    sets.push(set)
    return set
  }
  const own = add(undefined, nothingDeclared)
  const byKey = new Map<string, ParameterSet>()
  const findNew = (applied: AppliedValues): ParameterSet => {
    if (applied.declared.length === 0) return own
    const set = byKey.get(applied.key) ?? add(undefined, applied)
    byKey.set(applied.key, set)
    return set
  }
  const find = (state: InstalledState, applied: AppliedValues): ParameterSet => {
    const key = `${state.parametersDigest} ${applied.key}`
    const known = byKey.get(key)
    if (known) return known
    const set = add(installedValuesOf(state), applied)
    // The values of an installed state may have been deleted with their execution: its digest is
    // still exact.
    const same = set.parametersDigest === state.parametersDigest ? { ...set, changes: [] } : set
    const shown = hidesSecretChanges ? hideSecretChanges(same, state) : same
    byKey.set(key, shown)
    return shown
  }
  return {
    own,
    valuesFor(installed, instanceId) {
      const applied = declaredFor(instanceId)
      const set = installed === undefined ? findNew(applied) : find(installed, applied)
      if (set === own) return own
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
