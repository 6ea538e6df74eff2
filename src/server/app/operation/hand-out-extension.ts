import { allowReboot, type Invocation, type InvocationConfiguration } from '../../../core/execution/invocation.ts'
import type { ActionOptions, OperationPart } from '../../../core/execution/operation.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import type { ExtensionId } from '../../../core/id.ts'
import { configurationKey } from '../../../store/extension/configurations.ts'
import type { HandedOut } from '../../../store/report/invocations.ts'
import { ConfigurationMissing, findValues, type HandOutInputs, signedKey } from '../agent/hand-out-inputs.ts'
import type { AppContext } from '../context.ts'
import { digestConfiguration } from '../extension/digest-configuration.ts'
import { renderBuiltins } from '../extension/render-builtins.ts'
import { openSecrets } from '../plan/open-secrets.ts'
import type { HandOut } from './operation-handler.ts'

/**
 * The invocation that changes one extension.
 * @throws AccessDenied if the role of the instance does not allow its configuration or its
 * artifact; ConfigurationMissing
 */
export async function handOutExtension(
  context: AppContext,
  part: OperationPart,
  options: ActionOptions,
  { one, execution, inputs, authorise }: HandOut,
): Promise<Invocation> {
  const { id, executionId } = one
  const { account_id: accountId } = execution
  const resolve = (values: ParameterValues) => inputs.resolve(accountId, values)
  const wanted = findWanted(context, one, part, { ...inputs, resolveOwn: resolve })
  const installed = findInstalled(context, one, part.extensionId, { ...inputs, resolveOwn: resolve })
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
    ...(options.reinstall ? { reinstall: true } : {}),
    ...(options.allowRemovals ? { allowRemovals: true } : {}),
    ...(options.autoremove ? { autoremove: true } : {}),
    ...allowReboot(options),
    ...(wanted ? { wanted } : {}),
    ...(installed ? { installed } : {}),
    ...(artifact ? { artifactUrl: await context.artifactUrl(artifact.sha256, artifact.fileName) } : {}),
    builtins: renderBuiltins(context, one, execution, part.extensionId),
  }
}

/** With the secrets of the account of the execution. */
type OwnInputs = HandOutInputs & { readonly resolveOwn: (values: ParameterValues) => ParameterValues }

function findWanted(
  context: AppContext,
  one: HandedOut,
  part: OperationPart,
  inputs: OwnInputs,
): InvocationConfiguration | undefined {
  const { id, executionId, toVersion, configurationId } = one
  if (toVersion === null) return undefined
  const configuration = inputs.configurations.get(configurationKey(part.extensionId, toVersion, configurationId ?? ''))
  if (!configuration)
    throw new ConfigurationMissing(`${id}: ${part.extensionName} v${toVersion} has no configuration ${configurationId}`)
  const { parameters, parametersDigest, sealed } = findValues(one, part, inputs)
  return {
    version: toVersion,
    configuration,
    parameters: { ...inputs.resolveOwn(parameters), ...openSecrets(context.secrets, sealed, executionId) },
    parametersDigest,
    contentDigest: digestConfiguration(configuration),
    ...withSignatures(inputs, part.extensionId, toVersion),
  }
}

function findInstalled(
  context: AppContext,
  one: HandedOut,
  extensionId: ExtensionId,
  inputs: OwnInputs,
): InvocationConfiguration | undefined {
  if (one.step === 'install') return undefined
  const row = inputs.installed.get(`${one.instanceId} ${extensionId}`)
  const configuration =
    row && inputs.configurations.get(configurationKey(extensionId, row.version, row.configuration_id))
  // Deleted since the plan was made: the agent's own record is used.
  if (!row || !configuration) return undefined
  return {
    version: row.version,
    configuration,
    parameters: {
      ...inputs.resolveOwn(row.parameters),
      ...openSecrets(context.secrets, row.secret_parameters_sealed, row.execution_id),
    },
    parametersDigest: row.parameters_digest,
    contentDigest: row.content_digest ?? undefined,
    ...withSignatures(inputs, extensionId, row.version),
  }
}

/** An instance without a trust file ignores them; an unsigned version has none. */
function withSignatures({ signed }: HandOutInputs, extensionId: ExtensionId, version: number) {
  const found = signed.get(signedKey({ extensionId, version }))
  return found && { signed: found }
}
