import type { ParameterDeclarations } from '../../core/extension/extension.ts'
import { validateParameters } from '../../core/extension/parameter.ts'
import { nameAgentBundle, nameAgentProgram } from '../../core/instance/agent-program.ts'
import type { Facts } from '../../core/instance/facts.ts'
import { agentUpgradeTimeoutMs } from '../../core/limits.ts'
import { builtinNames } from '../../core/template/placeholder.ts'
import { decideAgent, decideUnsigned, decideVersion, type NewestInstalled } from '../../core/trust/decide.ts'
import { decideConfiguration } from '../../core/trust/decide-configuration.ts'
import type { TrustFile } from '../../core/trust/trust-file.ts'
import type { TrustRefusal } from '../../core/trust/trust-refusal.ts'
import { applyStatement, type VersionStatement } from '../../core/trust/version-statement.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { sha256Of } from '../../lib/digest.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import { agentStatementSchema, versionStatementSchema } from '../../protocol/version-statement.ts'
import { findSigners } from './code-trust.ts'

/** What the check needs to know of the instance. */
export interface CheckContext {
  readonly file: TrustFile
  /** Milliseconds since 1970. */
  readonly now: number
  /** Version of the running agent. */
  readonly agentVersion: string
  readonly os: Facts['os']
  readonly readNewest: (extension: string) => NewestInstalled | undefined
}

export type Checked = { readonly invocation: InvocationMessage } | { readonly refusal: TrustRefusal }

/**
 * What an instance with a trust file makes of an invocation: a new one whose scripts, artifact and
 * options come from signed bytes, or a refusal. Each field of the result is named here: a field that
 * a later server adds does not reach the scripts by itself. Believed of the server: which signed
 * version, when, the values of parameters within their signed limits, and built-in values.
 */
export function checkInvocation(invocation: InvocationMessage, context: CheckContext): Checked {
  const { file, now } = context
  if (invocation.agentUpgrade) return checkAgentUpgrade(invocation, context)
  if (invocation.osPackages) return { refusal: decideUnsigned({ file, now }, 'osPackages') }
  if (invocation.action === 'run') return { refusal: decideUnsigned({ file, now }, 'command') }
  return checkExtension(invocation, invocation.action, context)
}

function checkExtension(
  invocation: InvocationMessage,
  action: Exclude<InvocationMessage['action'], 'run'>,
  context: CheckContext,
): Checked {
  const { extensionName, wanted, installed, artifactUrl, builtins, reboot } = invocation
  const isRemoval = action === 'uninstall'
  const checked = isRemoval ? undefined : checkInstallation(wanted, extensionName, context)
  if (checked && 'refusal' in checked) return checked
  const unfit = checked && decideConfiguration(checked.statement, checked.installation.configuration.id, context.os)
  if (unfit) return { refusal: unfit }
  const previous = checkInstallation(installed, extensionName, context)
  const option = packageOptions.find((name) => invocation[name])
  if (option !== undefined) return { refusal: { code: 'OptionNotSigned', arguments: { name: extensionName, option } } }
  return {
    invocation: {
      ...identify(invocation),
      extensionId: invocation.extensionId,
      extensionName,
      action,
      ...(checked && { wanted: checked.installation }),
      // Without a signature, the instance's own record has to do.
      ...('installation' in previous && { installed: previous.installation }),
      ...(invocation.reinstall && { reinstall: true }),
      ...(artifactUrl !== undefined && { artifactUrl }),
      builtins: Object.fromEntries(
        Object.entries(builtins ?? {}).filter(([name]) => (builtinNames as readonly string[]).includes(name)),
      ),
      ...(reboot && { reboot: { timeoutMs: reboot.timeoutMs } }),
    },
  }
}

/** Options of an execution that remove other packages than the publisher's. */
const packageOptions = ['allowRemovals', 'autoremove'] as const

/** Becomes a variable of the environment. */
const identify = ({ id, executionId }: InvocationMessage) => ({
  id,
  executionId: executionId.replace(/[^0-9A-Za-z_-]/g, ''),
})

type CheckedInstallation =
  | { readonly installation: InstallationMessage; readonly statement: VersionStatement }
  | { readonly refusal: TrustRefusal }

/**
 * A version with its values, from signed bytes. One that a server calls installed must not be older
 * than the newest one either: a failed update puts it back.
 */
export function checkInstallation(
  installation: InstallationMessage | undefined,
  extensionName: string,
  context: CheckContext,
): CheckedInstallation {
  const claimed = installation ? `${extensionName} v${installation.version}` : extensionName
  const { canonical = '', signatures = [] } = installation?.signed ?? {}
  if (!installation || canonical === '') {
    const { file, now } = context
    const version = { extension: extensionName, version: installation?.version ?? 1, sha256: '' }
    const refusal = decideVersion({ file, now, signers: [] }, version, undefined)
    if (refusal) return { refusal }
  }
  const statement = parseStatement(canonical, versionStatementSchema, claimed)
  if ('refusal' in statement) return statement
  const signed = { canonical, signatures }
  return applyVersion(statement.value, { ...(installation as InstallationMessage), signed }, extensionName, context)
}

function applyVersion(
  statement: VersionStatement,
  delivered: InstallationMessage & { readonly signed: NonNullable<InstallationMessage['signed']> },
  extensionName: string,
  { file, now, readNewest }: CheckContext,
): CheckedInstallation {
  const { canonical, signatures } = delivered.signed
  const { extension, version, parameters: declarations } = statement
  const name = `${extension} v${version}`
  if (extension !== extensionName)
    return { refusal: { code: 'SignedPartDiffers', arguments: { name, part: 'extension', which: extensionName } } }
  const signers = findSigners(canonical, signatures)
  const identity = { extension, version, sha256: sha256Of(canonical) }
  const refusal = decideVersion({ file, now, signers }, identity, readNewest(extension))
  if (refusal) return { refusal }
  const applied = applyStatement(statement, delivered.configuration, sha256Of)
  if ('part' in applied) return { refusal: { code: 'SignedPartDiffers', arguments: { name, ...applied } } }
  const { parameters, parametersDigest, contentDigest } = delivered
  const problem = findParameterProblem(declarations, parameters)
  if (problem) return { refusal: { code: 'ParameterNotSigned', arguments: { name, ...problem } } }
  return {
    statement,
    installation: {
      version,
      configuration: applied.configuration as InstallationMessage['configuration'],
      parameters,
      parametersDigest,
      ...(contentDigest !== undefined && { contentDigest }),
      signed: { canonical, signatures: [...signatures] },
    },
  }
}

/** Whatever the action: an installation keeps the values of all of them. */
function findParameterProblem(declarations: ParameterDeclarations, values: InstallationMessage['parameters']) {
  const all = Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => [
      name,
      { ...declaration, actions: ['install' as const] },
    ]),
  )
  const validation = validateParameters(all, 'install', values)
  const found = 'problems' in validation && validation.problems.find(({ code }) => code !== 'ParameterMissing')
  return found ? { parameter: found.name, problem: found.message } : undefined
}

interface StatementSchema<Value> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: Value }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } }
}

/** Only canonical bytes: two readers of other JSON could see different values. */
function parseStatement<Value>(
  canonical: string,
  schema: StatementSchema<Value>,
  name: string,
): { readonly value: Value } | { readonly refusal: TrustRefusal } {
  const refuse = (error: string) => ({ refusal: { code: 'StatementInvalid', arguments: { name, error } } as const })
  let value: unknown
  try {
    value = JSON.parse(canonical)
  } catch {
    return refuse('they are not JSON')
  }
  if (canonicalJson(value) !== canonical) return refuse('they are not canonical')
  const parsed = schema.safeParse(value)
  if (parsed.success) return { value: parsed.data }
  const [issue] = parsed.error.issues
  return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 512))
}

/** The artifact of an agent comes from the bytes that the release key signed, and so does its name. */
function checkAgentUpgrade(invocation: InvocationMessage, context: CheckContext): Checked {
  const { wanted, agentUpgrade, artifactUrl } = invocation
  const { canonical = '', signatures = [] } = wanted?.signed ?? {}
  const { file, now, agentVersion } = context
  if (canonical === '') {
    const version = agentUpgrade?.program ?? ''
    const refusal = decideAgent({ file, now, signers: [] }, { version }, agentVersion)
    if (refusal) return { refusal }
  }
  const statement = parseStatement(canonical, agentStatementSchema, agentUpgrade?.program ?? '')
  if ('refusal' in statement) return statement
  const { version, arch, sha256, sizeBytes } = statement.value
  const refusal = decideAgent({ file, now, signers: findSigners(canonical, signatures) }, { version }, agentVersion)
  if (refusal) return { refusal }
  if (arch !== context.os.arch)
    return { refusal: { code: 'SignedPartDiffers', arguments: { name: version, part: 'configuration', which: arch } } }
  return {
    invocation: {
      ...identify(invocation),
      extensionId: invocation.extensionId,
      extensionName: '',
      action: 'run',
      agentUpgrade: {
        program: nameAgentProgram(version, { sha256 }),
        connectTimeoutMs: agentUpgrade?.connectTimeoutMs ?? 0,
      },
      wanted: {
        version: 1,
        configuration: {
          id: 'c1',
          os: 'linux',
          arch: 'any',
          artifact: { kind: 'tar', fileName: nameAgentBundle(version), sha256, sizeBytes },
          scripts: {},
          verify: [],
          run: { unpack: true, keepWorkspace: 'never', timeoutMs: agentUpgradeTimeoutMs },
        },
        parameters: {},
        parametersDigest: '0'.repeat(64),
      },
      ...(artifactUrl !== undefined && { artifactUrl }),
    },
  }
}
