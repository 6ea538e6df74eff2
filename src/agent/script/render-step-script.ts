import type { ParameterType, ParameterValue } from '../../core/extension/extension.ts'
import type { ScriptOfVersion } from '../../core/install/step-reason.ts'
import { makeReason } from '../../core/reason/reason.ts'
import { renderScript } from '../../core/template/render-script.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import { StepError } from '../invocation/step-error.ts'

/** Scripts of no version, for messages. */
export const commandSubject: ScriptOfVersion = { script: 'command', version: 0 }
export const checkSubject: ScriptOfVersion = { script: 'check', version: 0 }
export const agentUpgradeSubject: ScriptOfVersion = { script: 'agentUpgrade', version: 0 }

export interface StepScriptText {
  /** The text on disk; it contains no values. */
  readonly text: string
  /**
   * The variables that it refers to: all of them are set, even if a parameter has no value for this
   * action.
   */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * A configuration's script with its placeholders replaced by references to environment variables.
 * @param subject which script it is, for messages
 * @param builtins absent: text between braces has no special meaning
 * @throws StepError if that is impossible
 */
export function renderStepScript(
  text: string,
  subject: ScriptOfVersion,
  { configuration, parameters }: Pick<InstallationMessage, 'configuration' | 'parameters'>,
  builtins: InvocationMessage['builtins'],
): StepScriptText {
  if (builtins === undefined) return { text, environment: {} }
  const refuse = (line: number, error: string) =>
    new StepError('Unsupported', makeReason('ScriptRefused', { ...subject, line, error }))
  const types = { ...typesOf(parameters), ...configuration.parameterTypes }
  const rendered = renderScript(text, configuration.os, types)
  if ('problem' in rendered) throw refuse(rendered.problem.line, rendered.problem.message)
  const values: Readonly<Record<string, ParameterValue>> = { ...parameters, ...prefix(builtins) }
  const environment: Record<string, string> = {}
  for (const { name, variable, line } of rendered.references) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined && name.startsWith('ACS::'))
      throw refuse(line, `the server did not say what {{ ${name} }} is`)
    // Numbers are allowed in positions where text would be code.
    const type = types[name]
    if (value !== undefined && (type === 'Number' || type === 'Boolean') && typeof value !== type.toLowerCase())
      throw refuse(line, `the value of {{ ${name} }} is not of type ${type}`)
    environment[variable] = value === undefined ? '' : String(value)
  }
  return { text: rendered.text, environment }
}

/** For commands and older servers: the given parameters count as declared. */
function typesOf(parameters: InstallationMessage['parameters']): Record<string, ParameterType> {
  const typeOf = { string: 'String', number: 'Number', boolean: 'Boolean' } as const
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeOf[typeof value as keyof typeof typeOf]]),
  )
}

const prefix = (builtins: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(builtins).map(([name, value]) => [`ACS::${name}`, value]))
