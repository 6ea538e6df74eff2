import { showVersion } from '../../core/extension/extension.ts'
import { isParameterName, renderParameterVariable } from '../../core/extension/parameter-name.ts'
import { makeReason } from '../../core/reason/reason.ts'
import { renderBuiltinVariable } from '../../core/template/placeholder.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import { StepError } from '../invocation/step-error.ts'
import type { OsUser } from '../platform/platform.ts'
import type { Workspace } from './workspace.ts'

export interface ScriptContext {
  readonly invocation: Pick<InvocationMessage, 'executionId' | 'extensionName' | 'builtins'>
  readonly instanceId: string
  /**
   * The action, for a script that serves several. An update without an update script is an
   * uninstall, then an install.
   */
  readonly action: string
  readonly installation: Pick<InstallationMessage, 'version' | 'parameters'>
  readonly previousVersion: number | undefined
  readonly workspace: Workspace
  readonly user?: OsUser | undefined
}

/**
 * The environment of a script, exactly as in design §5: values stay values and never become part of
 * a command line.
 */
export function renderScriptEnvironment(
  base: Readonly<Record<string, string>>,
  context: ScriptContext,
): Record<string, string> {
  const { invocation, installation, workspace, user, previousVersion } = context
  const environment: Record<string, string> = {
    ...base,
    ...(user ? { HOME: user.home, USER: user.name, LOGNAME: user.name } : {}),
    CHANDLER_ACTION: context.action,
    CHANDLER_EXTENSION: invocation.extensionName,
    CHANDLER_VERSION: invocation.extensionName === '' ? '' : showVersion(installation.version),
    CHANDLER_PREVIOUS_VERSION: previousVersion === undefined ? '' : showVersion(previousVersion),
    CHANDLER_EXECUTION_ID: invocation.executionId,
    CHANDLER_INSTANCE_ID: context.instanceId,
    CHANDLER_WORKSPACE: workspace.directory,
    CHANDLER_PACKAGE: workspace.packagePath ?? '',
  }
  for (const [name, value] of Object.entries(invocation.builtins ?? {}))
    environment[renderBuiltinVariable(name)] = value
  for (const [name, value] of Object.entries(installation.parameters))
    environment[renderParameterVariable(name)] = String(value)
  return environment
}

/**
 * Throws a StepError that names the first parameter that an environment variable cannot represent.
 */
export function assertParametersFit(parameters: InstallationMessage['parameters']): void {
  const names = new Map<string, string>()
  for (const [name, value] of Object.entries(parameters)) {
    // A shell between the agent and the script would silently drop a variable with another name.
    if (!isParameterName(name))
      throw new StepError('Unsupported', makeReason('ParameterNameUnusable', { parameter: name }))
    const variable = renderParameterVariable(name)
    const other = names.get(variable)
    if (other !== undefined)
      throw new StepError('Unsupported', makeReason('ParametersCollide', { parameter: name, other, variable }))
    names.set(variable, name)
    if (typeof value === 'string' && value.includes('\0'))
      throw new StepError('Unsupported', makeReason('ParameterHasNul', { parameter: name }))
  }
}
