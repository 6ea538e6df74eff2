import type { Configuration } from '../../core/extension.ts'
import type { ExecutionId, ExtensionId, InstanceId, InvocationId, ServerId } from '../../core/id.ts'
import type { Invocation, Recipe } from '../../core/invocation.ts'
import { type ExecutionOperationRow, listOperations } from '../../store/executions.ts'
import {
  type HandedOut,
  handOutInvocations,
  listCancelledInvocations,
  listInstancesToNudge,
} from '../../store/invocations.ts'
import { type InstalledRecipeRow, listConfigurations, listInstalledRecipes, recipeKey } from '../../store/recipes.ts'
import { applyReports } from './apply-reports.ts'
import type { AppContext } from './context.ts'

export interface Work {
  readonly invocations: readonly Invocation[]
  /** What the instance should stop. */
  readonly cancelled: readonly InvocationId[]
}

/**
 * What these instances have to do: marked as sent before it is given out, so that "never handed out" is certain where it is said.
 * Recipes are looked up once per version and execution, not once per instance.
 */
export async function handOutWork(
  context: AppContext,
  instanceIds: readonly InstanceId[],
): Promise<Map<InstanceId, Work>> {
  const { database } = context
  const handedOut = await handOutInvocations(database, instanceIds)
  const cancelled = await listCancelledInvocations(database, instanceIds)
  const recipes = await loadRecipes(context, handedOut)
  const work = new Map<InstanceId, { invocations: Invocation[]; cancelled: InvocationId[] }>(
    instanceIds.map((id) => [id, { invocations: [], cancelled: [] }]),
  )
  const broken: { one: HandedOut; error: unknown }[] = []
  for (const one of handedOut) {
    try {
      work.get(one.instanceId)?.invocations.push(await makeInvocation(context, one, recipes))
    } catch (error) {
      broken.push({ one, error })
    }
  }
  if (broken.length > 0) await endBroken(context, broken)
  for (const one of cancelled) work.get(one.instanceId)?.cancelled.push(one.id)
  return work
}

/** Whom of the instances connected to this server a nudge was lost for. */
export const findForgottenInstances = (
  { database }: Pick<AppContext, 'database'>,
  serverId: ServerId,
): Promise<InstanceId[]> => listInstancesToNudge(database, serverId)

/** What cannot be put together (its version was deleted by force, say) ends here, and keeps nobody from other work. */
async function endBroken(context: AppContext, broken: readonly { one: HandedOut; error: unknown }[]): Promise<void> {
  for (const { one, error } of broken)
    context.log.error('an invocation cannot be handed out', { invocationId: one.id, error: String(error) })
  await applyReports(
    context,
    broken.map(({ one, error }) => ({
      kind: 'end',
      instanceId: one.instanceId,
      invocationId: one.id,
      outcome: {
        state: 'failed',
        reasonCode: 'NoConfiguration',
        reason: `It cannot be handed out: ${describe(error)}. Nothing happened on the instance.`,
      },
      stdoutBytes: 0,
      stderrBytes: 0,
      cutBytes: 0,
    })),
  )
}

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')

interface Recipes {
  readonly executions: ReadonlyMap<ExecutionId, ExecutionOperationRow>
  readonly configurations: ReadonlyMap<string, Configuration>
  readonly installed: ReadonlyMap<string, InstalledRecipeRow>
}

async function loadRecipes({ database }: AppContext, handedOut: readonly HandedOut[]): Promise<Recipes> {
  if (handedOut.length === 0) return { executions: new Map(), configurations: new Map(), installed: new Map() }
  const executions = new Map(
    (await listOperations(database, [...new Set(handedOut.map((one) => one.executionId))])).map((row) => [row.id, row]),
  )
  const changing = handedOut.filter((one) => one.step !== 'install')
  const installedRows =
    changing.length > 0
      ? await listInstalledRecipes(
          database,
          changing.map((one) => ({
            instanceId: one.instanceId,
            extensionId: executionOf(executions, one).operation.extensionId,
          })),
        )
      : []
  const wanted = handedOut.flatMap((one) =>
    one.toVersion === null
      ? []
      : [{ extensionId: executionOf(executions, one).operation.extensionId, version: one.toVersion }],
  )
  const configurations = await listConfigurations(database, [
    ...wanted,
    ...installedRows.map(({ extension_id: extensionId, version }) => ({ extensionId, version })),
  ])
  return {
    executions,
    configurations,
    installed: new Map(installedRows.map((row) => [`${row.instance_id} ${row.extension_id}`, row])),
  }
}

async function makeInvocation(context: AppContext, one: HandedOut, recipes: Recipes): Promise<Invocation> {
  const { operation } = executionOf(recipes.executions, one)
  const wanted = findWanted(context, one, recipes)
  const installed = findInstalled(context, one, operation.extensionId, recipes)
  const artifact = wanted?.configuration.artifact
  return {
    id: one.id,
    executionId: one.executionId,
    extensionId: operation.extensionId,
    extensionName: operation.extensionName,
    action: one.step,
    ...(wanted ? { wanted } : {}),
    ...(installed ? { installed } : {}),
    ...(artifact ? { artifactUrl: await context.artifactUrl(artifact.sha256, artifact.fileName) } : {}),
  }
}

function findWanted(context: AppContext, one: HandedOut, recipes: Recipes): Recipe | undefined {
  if (one.toVersion === null) return undefined
  const { operation, secret_parameters_sealed: sealed } = executionOf(recipes.executions, one)
  const configuration = recipes.configurations.get(
    recipeKey(operation.extensionId, one.toVersion, one.configurationId ?? ''),
  )
  if (!configuration)
    throw new Error(
      `${one.id}: ${operation.extensionName} v${one.toVersion} has no configuration ${one.configurationId}`,
    )
  return {
    version: one.toVersion,
    configuration,
    parameters: { ...operation.parameters, ...openParameters(context.secrets, sealed, one.executionId) },
    parametersDigest: operation.parametersDigest,
  }
}

function findInstalled(
  context: AppContext,
  one: HandedOut,
  extensionId: ExtensionId,
  recipes: Recipes,
): Recipe | undefined {
  if (one.step === 'install') return undefined
  const row = recipes.installed.get(`${one.instanceId} ${extensionId}`)
  const configuration = row && recipes.configurations.get(recipeKey(extensionId, row.version, row.configuration_id))
  // Gone since the plan was made (a deleted version, say): the agent's own record serves.
  if (!row || !configuration) return undefined
  const secret = openParameters(context.secrets, row.secret_parameters_sealed, row.execution_id)
  return {
    version: row.version,
    configuration,
    parameters: { ...row.parameters, ...secret },
    parametersDigest: row.parameters_digest,
  }
}

function openParameters(
  secrets: AppContext['secrets'],
  sealed: Buffer | null,
  executionId: string,
): Recipe['parameters'] {
  return sealed
    ? (JSON.parse(secrets.open(sealed, `execution/${executionId}`).toString('utf8')) as Recipe['parameters'])
    : {}
}

function executionOf(executions: ReadonlyMap<ExecutionId, ExecutionOperationRow>, one: HandedOut) {
  const execution = executions.get(one.executionId)
  if (!execution) throw new Error(`${one.id} belongs to ${one.executionId}, which is not there`)
  return execution
}
