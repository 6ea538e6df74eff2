import { countUtf8Bytes } from '../../../core/count-utf8-bytes.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { allowReboot, type InvocationConfiguration } from '../../../core/execution/invocation.ts'
import { mutationKeyOf } from '../../../core/execution/operation/operations.ts'
import type { CommandOperation, CommandRequest } from '../../../core/execution/operation.ts'
import { describeCommandRun, planRun } from '../../../core/execution/plan-run.ts'
import type { ParameterDeclarations } from '../../../core/extension/extension.ts'
import {
  canonicalParameters,
  listParameterTypes,
  splitSecrets,
  validateDeclarations,
  validateParameters,
} from '../../../core/extension/parameter.ts'
import { maxScriptBytes } from '../../../core/limits.ts'
import { isWork } from '../../../core/plan/plan.ts'
import { renderScript } from '../../../core/template/render-script.ts'
import { nameWindowsInterpreter } from '../../../core/template/script-dialect.ts'
import { findStoreReference, storeReferenceFault } from '../../../core/template/store-reference.ts'
import type { StatedCommand } from '../../../core/trust/plan-statement.ts'
import { sha256Of } from '../../../lib/digest.ts'
import type { ExecutionOperationRow } from '../../../store/execution/executions.ts'
import type { Actor, AppContext } from '../context.ts'
import { renderBuiltins } from '../extension/render-builtins.ts'
import { openSecrets } from '../plan/open-secrets.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { makeRunConfiguration } from './make-run-configuration.ts'
import type { HandOut, OperationHandler, PreparedOperation } from './operation-handler.ts'
import { maskAll } from './show-values.ts'
import { stateResolved } from './state-change.ts'

/** A script of the request's own. */
export const commandHandler: OperationHandler<CommandOperation, CommandRequest> = {
  runsCommands: true,
  templates: () => ['ACS-ECS-BulkyRunCommand'],
  prepare: prepareCommand,
  findTimeouts:
    (_, { timeoutMs }) =>
    () =>
      timeoutMs,
  describeForAudit: ({ type, runAs }, content = '') => ({
    action: 'run',
    type,
    ...(runAs === undefined ? {} : { runAs }),
    // The execution keeps the script; its digest proves afterwards which script it was.
    commandSha256: sha256Of(content),
    commandBytes: Buffer.byteLength(content),
  }),
  showValues({ parameters }, [secret = {}]) {
    const values = { ...parameters, ...maskAll(secret) }
    return Object.keys(values).length === 0 ? [] : [{ values, given: Object.keys(values), reset: false }]
  },
  restate({ secrets }, { parametersDigest: _, parameters, ...command }, execution) {
    const secret = openSecrets(secrets, execution.secret_parameters_sealed, execution.id)
    const content = execution.command_content ?? ''
    return { ...command, content, parameters: { ...parameters, ...secret }, noEcho: Object.keys(secret) }
  },
  approvedKind: 'command',
  stateWork(operation, { content = '', parts, digestOf, resolve }) {
    const { type, placeholders = true, timeoutMs, runAs, workDir, parameters } = operation
    const secret = parts[0]?.secret ?? {}
    const work: StatedCommand = {
      kind: 'command',
      os: osOf(type),
      scriptSha256: sha256Of(content),
      placeholders,
      timeoutMs,
      runAs,
      workDir,
      rebootTimeoutMs: allowReboot(operation).reboot?.timeoutMs,
      ...stateResolved({ open: parameters, secret }, { digestOf, resolve }),
    }
    return (planned) => (isWork(planned) ? [work] : [])
  },
  handOut(context, operation, { one, execution, inputs }) {
    const { id, executionId } = one
    const commandId = mutationKeyOf(operation, executionId, 0)
    return {
      id,
      executionId,
      extensionId: commandId,
      extensionName: '',
      action: 'run',
      wanted: makeCommandConfiguration(context, resolveOwn(operation, execution, inputs), execution),
      ...allowReboot(operation),
      // Without built-ins the agent takes what is between braces as text.
      ...(operation.placeholders === false ? {} : { builtins: renderBuiltins(context, one, execution, commandId) }),
    }
  },
}

/** A command declares its parameters by giving values to them. */
function prepareCommand(
  { digests }: PlanContext,
  _: Pick<Actor, 'accountId'>,
  request: CommandRequest,
): PreparedOperation {
  const refusal = findCommandFault(request)
  if (refusal !== undefined) throw chandlerError('RequestInvalid', { reason: refusal })
  const { content: _content, parameters, noEcho, ...command } = request
  const { text: content } = nameLanguage(request)
  const declarations: ParameterDeclarations = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      { type: typeOf(value), noEcho: noEcho.includes(name), actions: ['install'] },
    ]),
  )
  const validation = validateParameters(declarations, 'install', parameters)
  const problems = [
    ...validateDeclarations(declarations),
    ...('problems' in validation ? validation.problems : []),
    ...noEcho.filter((name) => !Object.hasOwn(parameters, name)).map((name) => ({ name, message: 'has no value' })),
  ].map(({ name, message }) => ({ path: `operation.parameters.${name}`, message: `parameter ${name} ${message}` }))
  const [first] = problems
  if (first) throw chandlerError('RequestInvalid', { reason: first.message }, { problems })
  refuseUnwritable(request, declarations)
  const { open, secret } = splitSecrets(declarations, parameters)
  const run = describeCommandRun(command)
  return {
    operation: { ...command, parameters: open, parametersDigest: digests.of(canonicalParameters(parameters)) },
    content,
    parts: [{ version: undefined, secret }],
    extensionIds: [],
    plan: (inputs) => ({ planned: inputs.map((input) => planRun(run, input)), sets: [] }),
  }
}

/** Refuses a script that no instance could run before any task starts. */
function refuseUnwritable(request: CommandRequest, declarations: ParameterDeclarations): void {
  const { type, placeholders } = request
  if (placeholders === false) return
  const { text: content, addedLines } = nameLanguage(request)
  const rendered = renderScript(content, osOf(type), listParameterTypes(declarations))
  if (!('problem' in rendered)) return
  const { line, column, message } = rendered.problem
  throw chandlerError('RequestInvalid', {
    reason: `the command, line ${line - addedLines}, column ${column}: ${message}`,
  })
}

/** An agent knows the language of a script by its text alone. */
const nameLanguage = ({ type, content }: Pick<CommandRequest, 'type' | 'content'>) =>
  type === 'RunShellScript'
    ? { text: content, addedLines: 0 }
    : nameWindowsInterpreter(content, type === 'RunBatScript' ? 'cmd' : 'powershell')

/** What every agent would refuse: found here once instead of on each instance. */
function findCommandFault({ type, content, runAs = 'root', workDir = '/' }: CommandRequest): string | undefined {
  if (content.trim() === '') return 'the command is empty'
  if (content.includes('\0')) return 'the command holds a NUL byte'
  if (countUtf8Bytes(content) > maxScriptBytes) return `the command exceeds ${maxScriptBytes} bytes`
  if ([content, runAs, workDir].some(findStoreReference)) return `the command ${storeReferenceFault}`
  if (runAs === '' || runAs.length > 64) return 'the user that it runs as must have 1 to 64 characters'
  if (type === 'RunShellScript' && !workDir.startsWith('/')) return 'the directory that it runs in must begin with /'
  return undefined
}

const typeOf = (value: unknown) =>
  typeof value === 'number' ? 'Number' : typeof value === 'boolean' ? 'Boolean' : 'String'

const osOf = (type: CommandOperation['type']) => (type === 'RunShellScript' ? 'linux' : 'windows')

const resolveOwn = (
  operation: CommandOperation,
  { account_id: accountId }: ExecutionOperationRow,
  { resolve }: HandOut['inputs'],
): CommandOperation => ({ ...operation, parameters: resolve(accountId, operation.parameters) })

function makeCommandConfiguration(
  { secrets }: AppContext,
  { type, runAs, workDir, timeoutMs, parameters, parametersDigest }: CommandOperation,
  { id, command_content: content, secret_parameters_sealed: sealed }: ExecutionOperationRow,
): InvocationConfiguration {
  const configured = makeRunConfiguration(content ?? '', { timeoutMs, runAs, workDir })
  return {
    ...configured,
    configuration: { ...configured.configuration, os: osOf(type) },
    parameters: { ...parameters, ...openSecrets(secrets, sealed, id) },
    parametersDigest,
  }
}
