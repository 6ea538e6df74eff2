import type { Invocation, InvocationConfiguration } from '../../../core/execution/invocation.ts'
import {
  type CommandOperation,
  mutationKeyOf,
  type OperationPart,
  type OsPackageOperation,
  partOf,
  readActionOptions,
} from '../../../core/execution/operation.ts'
import type { Configuration } from '../../../core/extension/extension.ts'
import type { ExecutionId, ExtensionId } from '../../../core/id.ts'
import { listPartSecrets } from '../../../store/execution/execution-parts.ts'
import { type ExecutionOperationRow, listOperations } from '../../../store/execution/executions.ts'
import {
  type InstalledRecipeRow,
  listConfigurations,
  listInstalledRecipes,
  recipeKey,
} from '../../../store/extension/configurations.ts'
import { listParameterSets, type ParameterSetKey, type ParameterSetRow } from '../../../store/plan/parameter-sets.ts'
import type { HandedOut } from '../../../store/report/invocations.ts'
import type { AppContext } from '../context.ts'
import { digestConfiguration } from '../extension/digest-configuration.ts'
import { renderBuiltins } from '../extension/render-builtins.ts'
import { openSecrets } from '../plan/open-secrets.ts'
import type { AuthoriseHandOut } from './authorise-hand-out.ts'

/**
 * The data for preparing invocations: loaded once per version and execution, not once per instance.
 */
export interface Recipes {
  readonly executions: ReadonlyMap<ExecutionId, ExecutionOperationRow>
  /** The sealed values of parts, by `<execution id> <part>`. */
  readonly partSecrets: ReadonlyMap<string, Buffer | null>
  /** Parameter sets, by `<execution id> <part> <number>`. */
  readonly parameterSets: ReadonlyMap<string, ParameterSetRow>
  readonly configurations: ReadonlyMap<string, Configuration>
  readonly installed: ReadonlyMap<string, InstalledRecipeRow>
}

export async function loadRecipes({ database }: AppContext, handedOut: readonly HandedOut[]): Promise<Recipes> {
  if (handedOut.length === 0)
    return {
      executions: new Map(),
      partSecrets: new Map(),
      parameterSets: new Map(),
      configurations: new Map(),
      installed: new Map(),
    }
  const executions = new Map(
    (await listOperations(database, [...new Set(handedOut.map((one) => one.executionId))])).map((row) => [row.id, row]),
  )
  const ofExtensions = handedOut.flatMap((one) => {
    const part = findPart(executions, one)
    return part ? [{ ...one, extensionId: part.extensionId }] : []
  })
  const changing = ofExtensions.filter((one) => one.step !== 'install')
  const installedRows = changing.length > 0 ? await listInstalledRecipes(database, changing) : []
  const wanted = ofExtensions.flatMap(({ extensionId, toVersion }) =>
    toVersion === null ? [] : [{ extensionId, version: toVersion }],
  )
  const configurations = await listConfigurations(database, [
    ...wanted,
    ...installedRows.map(({ extension_id: extensionId, version }) => ({ extensionId, version })),
  ])
  const ofParts = [...executions.values()].filter(({ operation }) => operation.kind === 'extensions')
  const secrets = await listPartSecrets(
    database,
    ofParts.map(({ id }) => id),
  )
  const sets = await listParameterSets(database, handedOut.flatMap(keyOfSet))
  return {
    executions,
    parameterSets: new Map(sets.map((set) => [showSetKey(set), set])),
    partSecrets: new Map(secrets.map(({ executionId, part, sealed }) => [`${executionId} ${part}`, sealed])),
    configurations,
    installed: new Map(installedRows.map((row) => [`${row.instance_id} ${row.extension_id}`, row])),
  }
}

const keyOfSet = ({ executionId, part, parameterSet }: HandedOut) =>
  parameterSet === null ? [] : [{ executionId, part: part ?? 0, number: parameterSet }]

const showSetKey = ({ executionId, part, number }: ParameterSetKey) => `${executionId} ${part} ${number}`

/**
 * The requested configuration does not exist (its version was force-deleted, say): a retry cannot
 * help.
 */
export class RecipeMissing extends Error {
  override readonly name = 'RecipeMissing'
}

/**
 * @throws AccessDenied if the role of the instance does not allow the configuration or its package
 * file; RecipeMissing
 */
export async function makeInvocation(
  context: AppContext,
  one: HandedOut,
  recipes: Recipes,
  authorise: AuthoriseHandOut,
): Promise<Invocation> {
  const execution = executionOf(recipes.executions, one)
  const { operation } = execution
  const { id, executionId } = one
  if (operation.kind === 'command' || operation.kind === 'osPackage')
    return {
      id,
      executionId,
      extensionId: mutationKeyOf(operation, executionId, 0),
      extensionName: '',
      action: 'run',
      ...(operation.kind === 'command'
        ? makeCommandRun(context, one, operation, execution)
        : makeOsPackageRun(operation)),
    }
  const part = operation.kind === 'extension' ? operation : partOf(operation, one.part ?? 0)
  const wanted = findWanted(context, one, part, recipes)
  const installed = findInstalled(context, one, part.extensionId, recipes)
  const artifact = wanted?.configuration.artifact
  authorise(one, part.extensionName, artifact)
  return {
    id,
    executionId,
    extensionId: part.extensionId,
    extensionName: part.extensionName,
    // `verify` is handed out as an install: an instance that cannot confirm the installation
    // installs.
    action: one.step === 'verify' ? 'install' : (one.step as Exclude<HandedOut['step'], 'run' | 'verify'>),
    ...readActionOptions(operation),
    ...(wanted ? { wanted } : {}),
    ...(installed ? { installed } : {}),
    ...(artifact ? { artifactUrl: await context.artifactUrl(artifact.sha256, artifact.fileName) } : {}),
    builtins: renderBuiltins(context, one, execution, part.extensionId),
  }
}

/** A configuration with a single script. Its version and its configuration are not stored. */
const makeRunRecipe = (script: string | undefined, run: Partial<Configuration['run']> & { timeoutMs: number }) => ({
  version: 1,
  configuration: {
    id: 'c1',
    os: 'linux' as const,
    arch: 'any',
    scripts: { install: script },
    verify: [],
    run: { unpack: false, keepWorkspace: 'never' as const, ...run },
  },
})

/** Without built-ins braces in it are plain text. */
const makeCommandRun = (
  context: AppContext,
  one: HandedOut,
  operation: CommandOperation,
  execution: ExecutionOperationRow,
) => ({
  wanted: makeCommandRecipe(context, operation, execution),
  ...(operation.placeholders === false
    ? {}
    : { builtins: renderBuiltins(context, one, execution, mutationKeyOf(operation, one.executionId, 0)) }),
})

function makeCommandRecipe(
  { secrets }: AppContext,
  { type, runAs, workDir, timeoutMs, parameters, parametersDigest }: CommandOperation,
  { id, command_content: content, secret_parameters_sealed: sealed }: ExecutionOperationRow,
): InvocationConfiguration {
  const recipe = makeRunRecipe(content ?? '', { timeoutMs, runAs, workDir })
  const os = type === 'RunShellScript' ? 'linux' : 'windows'
  return {
    ...recipe,
    configuration: { ...recipe.configuration, os },
    parameters: { ...parameters, ...openSecrets(secrets, sealed, id) },
    parametersDigest,
  }
}

const makeOsPackageRun = ({ action, installer, names, timeoutMs, allowRemovals }: OsPackageOperation) => ({
  osPackages: { action, installer, names, ...(allowRemovals ? { allowRemovals } : {}) },
  wanted: { ...makeRunRecipe(undefined, { timeoutMs }), parameters: {}, parametersDigest: '0'.repeat(64) },
})

function findWanted(
  context: AppContext,
  one: HandedOut,
  part: OperationPart,
  recipes: Recipes,
): InvocationConfiguration | undefined {
  const { id, executionId, toVersion, configurationId } = one
  if (toVersion === null) return undefined
  const configuration = recipes.configurations.get(recipeKey(part.extensionId, toVersion, configurationId ?? ''))
  if (!configuration)
    throw new RecipeMissing(`${id}: ${part.extensionName} v${toVersion} has no configuration ${configurationId}`)
  const { parameters, parametersDigest, sealed } = findValues(one, part, recipes)
  return {
    version: toVersion,
    configuration,
    parameters: { ...parameters, ...openSecrets(context.secrets, sealed, executionId) },
    parametersDigest,
    contentDigest: digestConfiguration(configuration),
  }
}

/** The values that the instance keeps, or the execution's own. */
function findValues(one: HandedOut, part: OperationPart, { executions, partSecrets, parameterSets }: Recipes) {
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

function findInstalled(
  context: AppContext,
  one: HandedOut,
  extensionId: ExtensionId,
  recipes: Recipes,
): InvocationConfiguration | undefined {
  if (one.step === 'install') return undefined
  const row = recipes.installed.get(`${one.instanceId} ${extensionId}`)
  const configuration = row && recipes.configurations.get(recipeKey(extensionId, row.version, row.configuration_id))
  // Deleted since the plan was made: the agent's own record is used.
  if (!row || !configuration) return undefined
  return {
    version: row.version,
    configuration,
    parameters: { ...row.parameters, ...openSecrets(context.secrets, row.secret_parameters_sealed, row.execution_id) },
    parametersDigest: row.parameters_digest,
    contentDigest: row.content_digest ?? undefined,
  }
}

/** The extension of an invocation, if it has one. */
function findPart(executions: Recipes['executions'], one: HandedOut): OperationPart | undefined {
  const { operation } = executionOf(executions, one)
  if (operation.kind === 'extension') return operation
  return operation.kind === 'extensions' ? partOf(operation, one.part ?? 0) : undefined
}

function executionOf(executions: Recipes['executions'], one: HandedOut) {
  const execution = executions.get(one.executionId)
  if (!execution) throw new Error(`${one.id} belongs to ${one.executionId}, which does not exist`)
  return execution
}
