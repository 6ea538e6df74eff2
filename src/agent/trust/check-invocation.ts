import type { ParameterDeclarations } from '../../core/extension/extension.ts'
import { validateParameters } from '../../core/extension/parameter.ts'
import { findAgentPlatform, nameAgentBundle, nameAgentProgram } from '../../core/instance/agent-program.ts'
import { agentUpgradeTimeoutMs } from '../../core/limits.ts'
import { builtinNames } from '../../core/template/placeholder.ts'
import { decideAgent, decideUnsigned, decideVersion } from '../../core/trust/decide.ts'
import { decideConfiguration } from '../../core/trust/decide-configuration.ts'
import { findApproverRule } from '../../core/trust/decide-plan.ts'
import { stateValues } from '../../core/trust/plan-statement.ts'
import type { TrustRefusal } from '../../core/trust/trust-refusal.ts'
import { applyStatement, type VersionStatement } from '../../core/trust/version-statement.ts'
import { sha256Of } from '../../lib/digest.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import { agentStatementSchema, versionStatementSchema } from '../../protocol/version-statement.ts'
import type { CheckContext, Checked } from './check-context.ts'
import { checkPlan } from './check-plan.ts'
import { findSigners } from './code-trust.ts'
import { parseStatement } from './parse-statement.ts'

/**
 * What an instance with a trust file makes of an invocation: a new one whose scripts, artifact and
 * options come from signed bytes, or a refusal. Each field of the result is named here: a field that
 * a later server adds does not reach the scripts by itself. Believed of the server: which signed
 * version, when, the values of parameters within their signed limits, and built-in values.
 */
export function checkInvocation(invocation: InvocationMessage, context: CheckContext): Checked {
  const { file, now } = context
  if (invocation.agentUpgrade) return checkAgentUpgrade(invocation, context)
  const { osPackages, action, wanted } = invocation
  if (osPackages || action === 'run') {
    const kind = osPackages ? 'osPackages' : 'command'
    if (!findApproverRule(file, kind) || !wanted) return { refusal: decideUnsigned({ file, now }, kind) }
    return osPackages
      ? checkOsPackages(invocation, { osPackages, wanted }, context)
      : checkCommand(invocation, wanted, context)
  }
  return checkExtension(invocation, action, context)
}

/** The user, directory and time limit of the script are part of the plan, too. */
function checkCommand(invocation: InvocationMessage, wanted: InstallationMessage, context: CheckContext): Checked {
  const { extensionId, builtins, reboot } = invocation
  const { os, scripts, run } = wanted.configuration
  const { timeoutMs, runAs, workDir } = run
  const { parameters } = wanted
  const script = scripts.install ?? ''
  const checked: InvocationMessage = {
    ...identify(invocation),
    extensionId,
    extensionName: '',
    action: 'run',
    wanted: makeRun({ os, scripts: { install: script } }, { timeoutMs, runAs, workDir }, parameters),
    ...(builtins && { builtins: takeBuiltins(builtins) }),
    ...(reboot && { reboot: { timeoutMs: reboot.timeoutMs } }),
  }
  return checkPlan(invocation, checked, context, (digestOf, secret) => ({
    kind: 'command',
    os,
    scriptSha256: sha256Of(script),
    placeholders: builtins !== undefined,
    timeoutMs,
    runAs,
    workDir,
    rebootTimeoutMs: reboot?.timeoutMs,
    ...stateValues(parameters, secret, digestOf),
  }))
}

interface OsPackagesRequest {
  readonly osPackages: NonNullable<InvocationMessage['osPackages']>
  readonly wanted: InstallationMessage
}

function checkOsPackages(
  invocation: InvocationMessage,
  { osPackages, wanted }: OsPackagesRequest,
  context: CheckContext,
): Checked {
  const { action, installer, names, allowRemovals = false, autoremove = false } = osPackages
  const { timeoutMs } = wanted.configuration.run
  const checked: InvocationMessage = {
    ...identify(invocation),
    extensionId: invocation.extensionId,
    extensionName: '',
    action: 'run',
    osPackages: { action, installer, names, allowRemovals, autoremove },
    wanted: makeRun({ os: 'linux', scripts: {} }, { timeoutMs }, {}),
  }
  return checkPlan(invocation, checked, context, () => ({
    kind: 'osPackages',
    action,
    installer,
    names,
    timeoutMs,
    allowRemovals,
    autoremove,
  }))
}

const makeRun = (
  configuration: Pick<InstallationMessage['configuration'], 'os' | 'scripts'>,
  run: Pick<InstallationMessage['configuration']['run'], 'timeoutMs' | 'runAs' | 'workDir'>,
  parameters: InstallationMessage['parameters'],
): InstallationMessage => ({
  version: 1,
  configuration: {
    ...configuration,
    id: 'c1',
    arch: 'any',
    verify: [],
    run: { unpack: false, keepWorkspace: 'never', ...run },
  },
  parameters,
  parametersDigest: '0'.repeat(64),
})

/** Only the known names; the values are the server's choice. */
const takeBuiltins = (builtins: NonNullable<InvocationMessage['builtins']>) =>
  Object.fromEntries(Object.entries(builtins).filter(([name]) => (builtinNames as readonly string[]).includes(name)))

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
  const { allowRemovals = false, autoremove = false, reinstall = false } = invocation
  const option = packageOptions.find((name) => invocation[name])
  if (option !== undefined && !findApproverRule(context.file, 'extension'))
    return { refusal: { code: 'OptionNotSigned', arguments: { name: extensionName, option } } }
  const made: InvocationMessage = {
    ...identify(invocation),
    extensionId: invocation.extensionId,
    extensionName,
    action,
    ...(checked && { wanted: checked.installation }),
    // Without a signature, the instance's own record has to do.
    ...('installation' in previous && { installed: previous.installation }),
    ...(reinstall && { reinstall }),
    ...(allowRemovals && { allowRemovals }),
    ...(autoremove && { autoremove }),
    ...(artifactUrl !== undefined && { artifactUrl }),
    builtins: takeBuiltins(builtins ?? {}),
    ...(reboot && { reboot: { timeoutMs: reboot.timeoutMs } }),
  }
  return checkPlan(invocation, made, context, (digestOf, secret) => ({
    kind: 'extension',
    action,
    extension: extensionName,
    ...(checked && {
      version: checked.statement.version,
      versionSha256: sha256Of(checked.installation.signed?.canonical ?? ''),
    }),
    reinstall,
    allowRemovals,
    autoremove,
    rebootTimeoutMs: reboot?.timeoutMs,
    ...stateValues(checked?.installation.parameters ?? {}, secret, digestOf),
  }))
}

/** Options of an execution that remove other packages than the publisher's: approvers can sign them. */
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
  if (arch !== findAgentPlatform(context.os))
    return { refusal: { code: 'SignedPartDiffers', arguments: { name: version, part: 'configuration', which: arch } } }
  const checked: InvocationMessage = {
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
  }
  return checkPlan(invocation, checked, context, () => ({ kind: 'agentUpgrade', version, arch, sha256, sizeBytes }))
}
