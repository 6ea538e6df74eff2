import { countUtf8Bytes } from '../../../core/count-utf8-bytes.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import {
  type CommandRequest,
  type ExtensionRequest,
  type ExtensionsRequest,
  isOsPackageName,
  type Operation,
  type OperationRequest,
  type OsPackageRequest,
  readActionOptions,
} from '../../../core/execution/operation.ts'
import { planRun } from '../../../core/execution/plan-run.ts'
import type { ParameterDeclarations } from '../../../core/extension/extension.ts'
import {
  canonicalParameters,
  listParameterTypes,
  splitSecrets,
  validateDeclarations,
  validateParameters,
} from '../../../core/extension/parameter.ts'
import type { ExtensionId } from '../../../core/id.ts'
import { maxExtensionsPerExecution, maxOsPackages, maxScriptBytes } from '../../../core/limits.ts'
import { type PlannedTarget, planTargets } from '../../../core/plan/plan.ts'
import { planParts } from '../../../core/plan/plan-parts.ts'
import { renderScript } from '../../../core/template/render-script.ts'
import { findStoreReference, storeReferenceFault } from '../../../core/template/store-reference.ts'
import type { PlanInput } from '../../../store/plan/plan-inputs.ts'
import type { Actor } from '../context.ts'
import { type FoundPart, findExtensionPart } from '../execution/find-extension-part.ts'
import type { InstalledValuesOf, ParameterSets, PlanContext } from './parameter-sets.ts'
import type { PlanPart } from './plan-part.ts'

/** A validated request, ready to be applied to targets. */
export interface PreparedOperation {
  readonly operation: Operation
  readonly content: string | undefined
  readonly parts: readonly PlanPart[]
  /** The extensions whose installed states the plan compares with, in the order of the parts. */
  readonly extensionIds: readonly ExtensionId[]
  readonly plan: (inputs: readonly PlanInput[], installedValuesOf: InstalledValuesOf) => PlannedOperation
}

/** The planned targets with their values. */
export interface PlannedOperation {
  readonly planned: readonly PlannedTarget[]
  /** Values by part; empty for operations without an extension. */
  readonly sets: readonly ParameterSets[]
}

/** Loads and validates the request, so that it can be applied to targets. */
export function planOperation(
  context: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  request: OperationRequest,
): Promise<PreparedOperation> | PreparedOperation {
  switch (request.kind) {
    case 'extension':
      return planExtension(context, actor, request)
    case 'extensions':
      return planExtensions(context, actor, request)
    case 'command':
      return planCommand(context, request)
    case 'osPackage':
      return planOsPackage(request)
  }
}

async function planExtension(
  context: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  request: ExtensionRequest,
): Promise<PreparedOperation> {
  const found = await findExtensionPart(context, actor, request)
  return {
    operation: { kind: 'extension', action: request.action, ...readActionOptions(request), ...found.part },
    content: undefined,
    parts: [found],
    extensionIds: [found.part.extensionId],
    plan: (inputs, installedValuesOf) => {
      const { request: wanted, sets } = found.request(installedValuesOf)
      const targets = inputs.map((input) => ({ instance: input, installed: input.installed[0] }))
      return { planned: planTargets(wanted, targets), sets: [sets] }
    },
  }
}

async function planExtensions(
  context: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  { action, extensions, ...options }: ExtensionsRequest,
): Promise<PreparedOperation> {
  const names = extensions.map(({ extension }) => extension)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (names.length === 0 || names.length > maxExtensionsPerExecution) {
    const reason = `${names.length} extensions are specified; the limit is 1 to ${maxExtensionsPerExecution}`
    throw chandlerError('RequestInvalid', { reason })
  }
  if (twice !== undefined)
    throw chandlerError('RequestInvalid', { reason: `the extension ${twice} is specified twice` })
  const found: FoundPart[] = []
  for (const requested of extensions)
    found.push(await findExtensionPart(context, actor, { ...requested, action, reinstall: options.reinstall }))
  return {
    operation: { kind: 'extensions', action, ...readActionOptions(options), parts: found.map(({ part }) => part) },
    content: undefined,
    parts: found,
    extensionIds: found.map(({ part }) => part.extensionId),
    plan: (inputs, installedValuesOf) => {
      const wanted = found.map(({ part, request }) => ({
        ...request(installedValuesOf),
        extensionName: part.extensionName,
      }))
      const targets = inputs.map((input) => ({ instance: input, installed: input.installed }))
      return { planned: planParts(wanted, targets), sets: wanted.map(({ sets }) => sets) }
    },
  }
}

/** The given values of a command also declare its parameters. */
function planCommand({ digests }: PlanContext, request: CommandRequest): PreparedOperation {
  const refusal = findCommandFault(request)
  if (refusal !== undefined) throw chandlerError('RequestInvalid', { reason: refusal })
  const { content, parameters, noEcho, ...command } = request
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
  return {
    operation: { ...command, parameters: open, parametersDigest: digests.of(canonicalParameters(parameters)) },
    content,
    parts: [{ version: undefined, secret }],
    extensionIds: [],
    plan: (inputs) => ({ planned: inputs.map((input) => planRun(command, input)), sets: [] }),
  }
}

/** Refuses commands that no instance could run before anything starts. */
function refuseUnwritable({ type, content, placeholders }: CommandRequest, declarations: ParameterDeclarations): void {
  if (placeholders === false) return
  const os = type === 'RunShellScript' ? 'linux' : 'windows'
  const rendered = renderScript(content, os, listParameterTypes(declarations))
  if (!('problem' in rendered)) return
  const { line, column, message } = rendered.problem
  throw chandlerError('RequestInvalid', { reason: `the command, line ${line}, column ${column}: ${message}` })
}

/** Problems that every agent would report; refused here once. */
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

function planOsPackage(request: OsPackageRequest): PreparedOperation {
  if (request.names.length > maxOsPackages)
    throw chandlerError('RequestInvalid', { reason: `more than ${maxOsPackages} packages are specified` })
  const wrong = request.names.find((name) => !isOsPackageName(name))
  if (wrong !== undefined || request.names.length === 0) {
    const reason =
      wrong === undefined ? 'the package names are missing' : `${JSON.stringify(wrong)} is not a valid package name`
    throw chandlerError('RequestInvalid', { reason })
  }
  return {
    operation: { ...request, names: [...new Set(request.names)] },
    content: undefined,
    parts: [{ version: undefined, secret: {} }],
    extensionIds: [],
    plan: (inputs) => ({ planned: inputs.map((input) => planRun(request, input)), sets: [] }),
  }
}
