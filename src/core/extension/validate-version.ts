import { type ChandlerError, chandlerError } from '../error/errors.ts'
import { maxConfigurationsPerVersion } from '../limits.ts'
import { findMsiPropertyFault } from '../msi/msi-property.ts'
import {
  type AmbiguousPair,
  findAmbiguousConfigurations,
  renderAmbiguousExample,
  validatePlatforms,
} from '../plan/configuration.ts'
import { validateScope } from '../plan/scope.ts'
import { renderScript } from '../template/render-script.ts'
import { findStoreReference, storeReferenceFault } from '../template/store-reference.ts'
import type { Artifact, Configuration, ParameterDeclarations, ParameterType, RunOptions, Scope } from './extension.ts'
import { listParameterTypes, validateDeclarations } from './parameter.ts'

/** A version before it is created: the input of both the CLI's lint and the server's validation. */
export interface VersionDraft {
  readonly scope: Scope
  readonly parameters: ParameterDeclarations
  readonly configurations: readonly ConfigurationDraft[]
}

/** The parts of a configuration that validation needs. */
export type ConfigurationDraft = Pick<Configuration, 'id' | 'os' | 'arch' | 'platforms' | 'scripts'> & {
  readonly artifact?: Pick<Artifact, 'kind'> | undefined
  readonly run: Pick<RunOptions, 'unpack' | 'signature'> & { readonly runAs?: string | undefined }
  readonly verify?: Configuration['verify'] | undefined
}

/** One problem of a version. */
export interface VersionProblem {
  readonly code: 'ExtensionInvalid' | 'ConfigurationAmbiguous'
  /** Path such as `['configurations', 1, 'arch']`: field names, and list indexes from 0. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/**
 * The problems of a version that no schema covers (design §4, §11): ranges, declarations,
 * configurations that could do nothing, and configurations that fit the same instance equally well.
 */
export function validateVersion({ scope, parameters, configurations }: VersionDraft): VersionProblem[] {
  const types = listParameterTypes(parameters)
  const problems: Omit<VersionProblem, 'code'>[] = [
    ...validateScope(scope).map(({ path, message }) => ({ path: ['scope', ...path], message })),
    ...validateDeclarations(parameters).map(({ name, field, message }) => ({
      path: ['parameters', name, ...(field ? [field] : [])],
      message: field ? `${field} of parameter ${name} ${message}` : `parameter ${name} ${message}`,
    })),
    ...validateCount(configurations.length).map((message) => ({ path: ['configurations'], message })),
    ...configurations.flatMap((configuration, index) =>
      [
        ...validateConfiguration(configuration),
        ...validateProperties(configuration, Object.keys(types)),
        ...validateTemplates(configuration, types),
      ].map(({ path, message }) => ({
        path: ['configurations', index, ...path],
        message: `configuration ${configuration.id}: ${message}`,
      })),
    ),
  ]
  const ambiguous =
    configurations.length > maxConfigurationsPerVersion ? [] : findAmbiguousConfigurations(configurations)
  return [
    ...problems.map((problem) => ({ code: 'ExtensionInvalid' as const, ...problem })),
    ...ambiguous.map((pair) => describeAmbiguous(pair, configurations)),
  ]
}

/**
 * The catalogue error for a version's problems (at least one); `details.problems` contains all of
 * them.
 */
export function makeVersionError(problems: readonly VersionProblem[]): ChandlerError {
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return chandlerError('ExtensionInvalid', { problem: `${problems[0]?.message ?? ''}${more}` }, { problems })
}

const validateCount = (count: number) => {
  if (count === 0) return ['there is no configuration, so it could be installed nowhere']
  return count > maxConfigurationsPerVersion
    ? [`there are ${count} configurations; ${maxConfigurationsPerVersion} are allowed`]
    : []
}

function validateConfiguration(configuration: ConfigurationDraft): Pick<VersionProblem, 'path' | 'message'>[] {
  const { os, arch, platforms, artifact, scripts, run } = configuration
  const problems = validatePlatforms(platforms ?? []).map(({ path, message }) => ({
    path: ['platforms', ...path],
    message,
  }))
  const say = (path: readonly (string | number)[], message: string) => problems.push({ path: [...path], message })
  if (!/^[A-Za-z0-9_.-]+$/.test(arch)) say(['arch'], `"${arch}" is not an architecture; write x86_64, arm64 or any`)
  for (const [kind, script] of Object.entries(scripts)) {
    if (script !== undefined && script.trim() === '') say(['scripts', kind], `the ${kind} script is empty`)
  }
  if (!artifact && scripts.install === undefined)
    say(['scripts'], 'has neither an artifact nor an install script, so it would do nothing')
  const signatureFault = run.signature === undefined ? undefined : findSignatureFault(artifact?.kind, scripts)
  if (signatureFault !== undefined) say(['run', 'signature'], signatureFault)
  if (os === 'windows' && run.runAs !== undefined)
    say(['run', 'runAs'], 'on Windows scripts run as the user of the agent, SYSTEM; remove runAs')
  if (!artifact) {
    if (run.unpack) say(['run', 'unpack'], 'there is no artifact to unpack')
    return problems
  }
  const home = homeOf[artifact.kind]
  if (home !== undefined && home !== os) say(['artifact'], `a ${artifact.kind} package is not for ${os}`)
  if (home === undefined && scripts.install === undefined) {
    say(
      ['scripts'],
      `a ${artifact.kind} artifact needs an install script; only deb, rpm and msi packages are installed without one`,
    )
  }
  if (run.unpack && artifact.kind !== 'tar' && artifact.kind !== 'zip')
    say(['run', 'unpack'], `a ${artifact.kind} artifact cannot be unpacked; tar and zip can`)
  return problems
}

/** Parameters of an msi package without an install script are properties of the package. */
function validateProperties(
  { artifact, scripts }: ConfigurationDraft,
  parameters: readonly string[],
): Pick<VersionProblem, 'path' | 'message'>[] {
  if (artifact?.kind !== 'msi' || scripts.install !== undefined) return []
  const fault = findMsiPropertyFault(parameters)
  return fault === undefined ? [] : [{ path: ['artifact'], message: fault }]
}

/** Why a signature policy would have no effect: an ignored `required` would promise too much. */
function findSignatureFault(
  kind: Artifact['kind'] | undefined,
  scripts: ConfigurationDraft['scripts'],
): string | undefined {
  if (kind === 'deb')
    return 'signature does not apply to a deb package: it contains no signature that dpkg verifies (apt verifies repositories). The agent verifies the SHA-256 of every artifact'
  if (kind !== 'rpm') return 'signature applies to rpm packages only. The agent verifies the SHA-256 of every artifact'
  const own = (['install', 'update'] as const).find((name) => scripts[name] !== undefined)
  if (own === undefined) return undefined
  return `signature has no effect beside the ${own} script, which installs the package itself: remove the script, or verify the signature in it`
}

/** Finds scripts with refused placeholders. */
function validateTemplates(
  configuration: ConfigurationDraft,
  types: Readonly<Record<string, ParameterType>>,
): Pick<VersionProblem, 'path' | 'message'>[] {
  return listScripts(configuration).flatMap(({ path, title, text }) => {
    if (findStoreReference(text)) return { path, message: `${title} ${storeReferenceFault}` }
    const refusal = findRefusal(configuration, title, text, types)
    return refusal === undefined ? [] : { path, message: renderRefusal(refusal) }
  })
}

function listScripts({ scripts, verify = [] }: Pick<ConfigurationDraft, 'scripts' | 'verify'>) {
  return [
    ...Object.entries(scripts).map(([kind, text]) => ({ path: ['scripts', kind], title: `the ${kind} script`, text })),
    ...verify.flatMap((check, index) =>
      check.kind === 'script'
        ? { path: ['verify', index, 'script'], title: `the script of check ${index + 1}`, text: check.script }
        : [],
    ),
  ].flatMap(({ path, title, text }) => (text === undefined ? [] : { path, title, text }))
}

function findRefusal(
  { os }: Pick<ConfigurationDraft, 'os'>,
  title: string,
  text: string,
  types: Readonly<Record<string, ParameterType>>,
): RefusedScript | undefined {
  const rendered = renderScript(text, os, types)
  return 'problem' in rendered ? { title, ...rendered.problem } : undefined
}

/** A script with a placeholder that is refused, and where; lines and columns count from 1. */
export interface RefusedScript {
  /** Such as `the uninstall script`. */
  readonly title: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Such as "the uninstall script, line 2, column 9: …". */
export const renderRefusal = ({ title, line, column, message }: RefusedScript) =>
  `${title}, line ${line}, column ${column}: ${message}`

/**
 * The first script of a stored configuration that agents refuse to run: rules for placeholders can
 * become stricter after a version was created.
 * @param kind only this script, or `undefined` for all of them and those of checks
 */
export function findRefusedScript(
  configuration: Pick<ConfigurationDraft, 'os' | 'scripts' | 'verify'>,
  parameters: ParameterDeclarations,
  kind?: 'uninstall',
): RefusedScript | undefined {
  const types = listParameterTypes(parameters)
  return listScripts(configuration)
    .filter(({ path }) => kind === undefined || path[1] === kind)
    .map(({ title, text }) => findRefusal(configuration, title, text, types))
    .find((refusal) => refusal !== undefined)
}

/** The OS whose package manager handles a kind; the others are plain files. */
const homeOf: Readonly<Record<Artifact['kind'], Configuration['os'] | undefined>> = {
  deb: 'linux',
  rpm: 'linux',
  msi: 'windows',
  tar: undefined,
  zip: undefined,
  file: undefined,
}

function describeAmbiguous(
  { first, second, example }: AmbiguousPair,
  configurations: readonly ConfigurationDraft[],
): VersionProblem {
  const { message, next } = chandlerError('ConfigurationAmbiguous', {
    first,
    second,
    example: renderAmbiguousExample(example),
  })
  const place = configurations.findIndex(({ id }) => id === second)
  return {
    code: 'ConfigurationAmbiguous',
    path: ['configurations', place],
    message: `${message} ${next}`.replace(/\.$/, ''),
  }
}
