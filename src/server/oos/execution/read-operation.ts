import { z } from 'zod'
import { chandlerError } from '../../../core/error/errors.ts'
import {
  type CommandType,
  isOsPackageName,
  type OperationRequest,
  type OsPackageInstaller,
} from '../../../core/execution/operation.ts'
import type { Action } from '../../../core/extension/extension.ts'
import { defaultOsPackageTimeoutMs, maxOsPackages } from '../../../core/limits.ts'
import type { OosCall } from '../operation.ts'
import type { PublicTemplate, StartedKind } from '../public-template/public-template.ts'
import { type RequestedPackage, readRequestedExtension } from './read-requested-extension.ts'
import type { TemplateValues } from './read-template-values.ts'

/** The operation that a public template and its values request. */
export interface ReadOperation {
  readonly request: OperationRequest
  /** The values to show later, secrets masked. */
  readonly shown: TemplateValues
}

/**
 * Throws if the actor may not use these extensions. Called before they are loaded, because
 * validation errors of values reveal their declarations.
 */
type AuthoriseUse = (extensions: readonly string[]) => void

type ReadKind = (call: OosCall, values: TemplateValues, authoriseUse: AuthoriseUse) => Promise<ReadOperation>

/** Converts a public template and its validated values to an operation. */
export const readOperation = (
  call: OosCall,
  { starts }: Pick<PublicTemplate, 'starts'>,
  values: TemplateValues,
  authoriseUse: AuthoriseUse,
): Promise<ReadOperation> => readers[starts](call, values, authoriseUse)

/** Names no extension. */
const readPlain =
  (read: (values: TemplateValues) => OperationRequest): ReadKind =>
  async (_, values, authoriseUse) => {
    authoriseUse([])
    return { request: read(values), shown: values }
  }

const readers: Readonly<Record<StartedKind, ReadKind>> = {
  extension: readExtension,
  extensions: readExtensions,
  command: readPlain(readCommand),
  osPackage: readPlain(readOsPackage),
}

async function readExtension(
  call: OosCall,
  values: TemplateValues,
  authoriseUse: AuthoriseUse,
): Promise<ReadOperation> {
  refuseOrder(values)
  authoriseUse([String(values.packageName)])
  const action = values.action as Action
  const { requested, parameters } = await readRequestedExtension(
    call,
    action,
    values as unknown as RequestedPackage,
    'Parameters.parameters',
  )
  const shown = 'parameters' in values ? { ...values, parameters } : values
  return { request: { kind: 'extension', action, ...requested }, shown }
}

const packageInfoSchema = z
  .array(
    z.strictObject({
      packageName: z.string().min(1),
      packageVersion: z.string().nullish(),
      parameters: z.unknown().optional(),
    }),
  )
  .min(1)
  .max(50)

async function readExtensions(
  call: OosCall,
  values: TemplateValues,
  authoriseUse: AuthoriseUse,
): Promise<ReadOperation> {
  refuseOrder(values)
  if (values.reboot === true) throw refuse('reboot', 'must be false: this server restarts no instances')
  const action = values.action as Action
  const parsed = packageInfoSchema.safeParse(values.packageInfo)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw refuse('packageInfo', `is not understood: ${[...(issue?.path ?? []), issue?.message].join(': ')}`)
  }
  authoriseUse(parsed.data.map(({ packageName }) => packageName))
  const requestedExtensions: Awaited<ReturnType<typeof readRequestedExtension>>[] = []
  for (const [index, info] of parsed.data.entries()) {
    requestedExtensions.push(
      await readRequestedExtension(call, action, info, `Parameters.packageInfo.${index}.parameters`),
    )
  }
  const extensions = requestedExtensions.map(({ requested }) => requested)
  const packageInfo = parsed.data.map((info, index) => ({
    ...info,
    parameters: requestedExtensions[index]?.parameters,
  }))
  return {
    request: { kind: 'extensions', action, extensions },
    shown: { ...values, packageInfo },
  }
}

/**
 * The first line names the interpreter, as Cloud Assistant sends Python and Perl as shell scripts
 * (reference §4.3).
 */
const commandTypes: Readonly<Record<string, { readonly type: CommandType; readonly firstLine?: string }>> = {
  RunShellScript: { type: 'RunShellScript' },
  RunPythonScript: { type: 'RunShellScript', firstLine: '#!/usr/bin/env python3' },
  RunPerlScript: { type: 'RunShellScript', firstLine: '#!/usr/bin/env perl' },
  RunBatScript: { type: 'RunBatScript' },
  RunPowerShellScript: { type: 'RunPowerShellScript' },
}

function readCommand(values: TemplateValues): OperationRequest {
  if (values.windowsPasswordName !== '')
    throw refuse('windowsPasswordName', 'must be empty: no passwords are kept here')
  const command = commandTypes[String(values.commandType)] as (typeof commandTypes)[string]
  const { type, firstLine } = command as { type: CommandType; firstLine?: string }
  const content = String(values.commandContent)
  const timeout = values.timeout as number
  if (timeout < 1 || timeout > 86_400) throw refuse('timeout', 'must be from 1 to 86400 seconds')
  const username = String(values.username)
  const workDir = values.workingDir !== '' ? String(values.workingDir) : username === '' ? homes[type] : undefined
  return {
    kind: 'command',
    type,
    content: firstLine === undefined || content.startsWith('#!') ? content : `${firstLine}\n${content}`,
    timeoutMs: timeout * 1000,
    parameters: {},
    noEcho: [],
    ...(values.enableParameter === true ? {} : { placeholders: false }),
    ...(username === '' ? {} : { runAs: username }),
    ...(workDir === undefined ? {} : { workDir }),
  }
}

/** Default working directories of commands (reference §4.5). */
const homes: Readonly<Record<CommandType, string>> = {
  RunShellScript: '/root',
  RunPowerShellScript: 'C:\\Windows\\System32',
  RunBatScript: 'C:\\Windows\\System32',
}

/** One text may contain several names, as in the command line that OOS builds from it. */
function readOsPackage(values: TemplateValues): OperationRequest {
  const names = [...new Set(String(values.packageName).split(/\s+/).filter(Boolean))]
  if (names.length > maxOsPackages) throw refuse('packageName', `must name at most ${maxOsPackages} packages`)
  const wrong = names.find((name) => !isOsPackageName(name))
  if (names.length === 0 || wrong !== undefined)
    throw refuse('packageName', 'must name packages of the operating system')
  return {
    kind: 'osPackage',
    action: values.action as 'install' | 'uninstall',
    installer: values.installer as OsPackageInstaller,
    names,
    timeoutMs: defaultOsPackageTimeoutMs,
  }
}

function refuseOrder({ orderId }: TemplateValues): void {
  if (orderId !== undefined && orderId !== '') throw refuse('orderId', 'must be empty: this server knows no orders')
}

const refuse = (name: string, reason: string) =>
  chandlerError('RequestParameterInvalid', { name: `Parameters.${name}`, reason })
