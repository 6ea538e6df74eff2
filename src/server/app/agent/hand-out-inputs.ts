import type { SignedBytes } from '../../../core/execution/invocation.ts'
import { isSequence, openValuesOf, partOf } from '../../../core/execution/operation/operations.ts'
import type { OperationPart } from '../../../core/execution/operation.ts'
import type { Configuration } from '../../../core/extension/extension.ts'
import type { ExecutionId, InstanceId } from '../../../core/id.ts'
import { listPartSecrets } from '../../../store/execution/execution-parts.ts'
import { type ExecutionOperationRow, listOperations } from '../../../store/execution/executions.ts'
import { listSignedVersions } from '../../../store/extension/canonical-versions.ts'
import {
  type InstalledConfigurationRow,
  listConfigurations,
  listInstalledConfigurations,
} from '../../../store/extension/configurations.ts'
import { listParameterSets, type ParameterSetKey, type ParameterSetRow } from '../../../store/plan/parameter-sets.ts'
import type { HandedOut } from '../../../store/report/invocations.ts'
import { loadSecrets, type ResolveSecrets } from '../access/secret/resolve-secrets.ts'
import type { AppContext } from '../context.ts'
import { loadSignedPlans, type SignedPlans } from '../trust/plan-signatures.ts'

/** What invocations are made from: loaded once per version and execution, not once per instance. */
export interface HandOutInputs {
  readonly executions: ReadonlyMap<ExecutionId, ExecutionOperationRow>
  /** The sealed values of parts, by `<execution id> <part>`. */
  readonly partSecrets: ReadonlyMap<string, Buffer | null>
  /** Parameter sets, by `<execution id> <part> <number>`. */
  readonly parameterSets: ReadonlyMap<string, ParameterSetRow>
  readonly configurations: ReadonlyMap<string, Configuration>
  readonly installed: ReadonlyMap<string, InstalledConfigurationRow>
  /** The values with the secrets of the account that they refer to. @throws SecretNotFound */
  readonly resolve: ResolveSecrets
  /** Of the executions that approvers sign. */
  readonly plans: SignedPlans
  /** Of the versions that are signed, by `<extension id> <version>`. */
  readonly signed: ReadonlyMap<string, SignedBytes>
}

export async function loadHandOutInputs(
  { database, secrets: box }: AppContext,
  handedOut: readonly HandedOut[],
): Promise<HandOutInputs> {
  if (handedOut.length === 0)
    return {
      executions: new Map(),
      partSecrets: new Map(),
      parameterSets: new Map(),
      configurations: new Map(),
      installed: new Map(),
      signed: new Map(),
      plans: new Map(),
      resolve: (_, values) => values,
    }
  const executions = new Map(
    (await listOperations(database, [...new Set(handedOut.map((one) => one.executionId))])).map((row) => [row.id, row]),
  )
  const ofExtensions = handedOut.flatMap((one) => {
    const part = partOf(executionOf(executions, one).operation, one.part)
    return part ? [{ ...one, extensionId: part.extensionId }] : []
  })
  const changing = ofExtensions.filter((one) => one.step !== 'install')
  const installedRows = changing.length > 0 ? await listInstalledConfigurations(database, changing) : []
  const wanted = ofExtensions.flatMap(({ extensionId, toVersion }) =>
    toVersion === null ? [] : [{ extensionId, version: toVersion }],
  )
  const versions = [
    ...wanted,
    ...installedRows.map(({ extension_id: extensionId, version }) => ({ extensionId, version })),
  ]
  const configurations = await listConfigurations(database, versions)
  const signed = await listSignedVersions(database, versions)
  const ofParts = [...executions.values()].filter(({ operation }) => isSequence(operation))
  const secrets = await listPartSecrets(
    database,
    ofParts.map(({ id }) => id),
  )
  const accounts = new Map(handedOut.map((one) => [one.instanceId, executionOf(executions, one).account_id]))
  const accountOf = (instanceId: InstanceId) => accounts.get(instanceId) ?? ''
  const sets = await listParameterSets(database, handedOut.flatMap(keyOfSet))
  return {
    executions,
    parameterSets: new Map(sets.map((set) => [showSetKey(set), set])),
    partSecrets: new Map(secrets.map(({ executionId, part, sealed }) => [`${executionId} ${part}`, sealed])),
    configurations,
    resolve: await loadSecrets({ database, secrets: box }, [
      ...[...executions.values()].flatMap(({ account_id: accountId, operation }) =>
        openValuesOf(operation).map((values) => ({ accountId, values })),
      ),
      ...sets.map((set) => ({ accountId: executions.get(set.executionId)?.account_id ?? '', values: set.parameters })),
      ...installedRows.map((row) => ({ accountId: accountOf(row.instance_id), values: row.parameters })),
    ]),
    plans: await loadSignedPlans({ secrets: box }, database, [...executions.values()], handedOut),
    signed: new Map(signed.map((row) => [signedKey(row), { canonical: row.canonical, signatures: row.signatures }])),
    installed: new Map(installedRows.map((row) => [`${row.instance_id} ${row.extension_id}`, row])),
  }
}

const keyOfSet = ({ executionId, part, parameterSet }: HandedOut) =>
  parameterSet === null ? [] : [{ executionId, part: part ?? 0, number: parameterSet }]

const showSetKey = ({ executionId, part, number }: ParameterSetKey) => `${executionId} ${part} ${number}`

/** The key of `signed`. */
export const signedKey = ({ extensionId, version }: { readonly extensionId: string; readonly version: number }) =>
  `${extensionId} ${version}`

/**
 * The wanted configuration does not exist (its version was deleted by force, say): retrying cannot
 * help.
 */
export class ConfigurationMissing extends Error {
  override readonly name = 'ConfigurationMissing'
}

/** The execution of an invocation. */
export function executionOf(executions: HandOutInputs['executions'], one: HandedOut) {
  const execution = executions.get(one.executionId)
  if (!execution) throw new Error(`${one.id} belongs to ${one.executionId}, which does not exist`)
  return execution
}

/** The values that the instance keeps, or those of the execution. */
export function findValues(
  one: HandedOut,
  part: OperationPart,
  { executions, partSecrets, parameterSets }: HandOutInputs,
) {
  const { executionId } = one
  const [key] = keyOfSet(one)
  const set = key && parameterSets.get(showSetKey(key))
  if (key && !set) throw new Error(`${one.id}: the values that the instance keeps are missing`)
  if (set) return set
  const sealed =
    one.part === null
      ? executionOf(executions, one).secret_parameters_sealed
      : (partSecrets.get(`${executionId} ${one.part}`) ?? null)
  return { ...part, sealed }
}
