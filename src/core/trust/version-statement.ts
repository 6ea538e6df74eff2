/**
 * What a publisher signs of a version: everything that decides what runs on an instance, with the
 * SHA-256 of each script and artifact in place of its bytes. Its canonical bytes are this object as
 * JSON with sorted keys (lib/canonical-json.ts). The server stores them and hands them out verbatim,
 * and an agent derives from them what it runs.
 *
 * The number of the version is part of it: an instance then knows which of two versions is older,
 * without believing the server.
 */

import type { TypedConfiguration } from '../execution/invocation.ts'
import type {
  Artifact,
  Configuration,
  ExtensionType,
  ParameterDeclarations,
  Scope,
  ScriptKind,
  VerifyCheck,
} from '../extension/extension.ts'
import { scriptKinds } from '../extension/extension.ts'
import { listParameterTypes } from '../extension/parameter.ts'
import type { StatementFault } from './trust-refusal.ts'

export const versionFormat = 'chandler-version-1'

export interface VersionStatement {
  readonly format: typeof versionFormat
  readonly extension: string
  readonly type: ExtensionType
  readonly version: number
  readonly versionDescription: string
  readonly scope: Scope
  readonly parameters: ParameterDeclarations
  readonly configurations: readonly SignedConfiguration[]
}

/** A configuration whose scripts are named by their SHA-256, in lower-case hex. */
export interface SignedConfiguration extends Omit<Configuration, 'artifact' | 'scripts' | 'verify'> {
  readonly artifact?: Omit<Artifact, 'object'> | undefined
  readonly scripts: { readonly [Kind in ScriptKind]?: string | undefined }
  readonly verify: readonly SignedCheck[]
}

type ScriptCheck = Extract<VerifyCheck, { readonly kind: 'script' }>
export type SignedCheck =
  | Exclude<VerifyCheck, ScriptCheck>
  | (Omit<ScriptCheck, 'script'> & { readonly scriptSha256: string })

/** The facts of a version that its statement is made of. */
export interface StatedVersion {
  readonly extensionName: string
  readonly type: ExtensionType
  readonly version: number
  readonly versionDescription: string
  readonly scope: Scope
  readonly parameters: ParameterDeclarations
  readonly configurations: readonly Configuration[]
}

/** @param sha256Of of the UTF-8 bytes of a text, in lower-case hex */
export function makeVersionStatement(version: StatedVersion, sha256Of: (text: string) => string): VersionStatement {
  const { extensionName: extension, type, versionDescription, scope, parameters } = version
  return {
    format: versionFormat,
    extension,
    type,
    version: version.version,
    versionDescription,
    scope,
    parameters,
    configurations: version.configurations.map(({ artifact, scripts, verify, ...rest }) => ({
      ...rest,
      ...(artifact && { artifact: omitObject(artifact) }),
      scripts: Object.fromEntries(
        scriptKinds.flatMap((kind) => (scripts[kind] === undefined ? [] : [[kind, sha256Of(scripts[kind])]])),
      ),
      verify: verify.map((check) => (check.kind === 'script' ? signCheck(check, sha256Of) : check)),
    })),
  }
}

/** The place in a bucket is the server's; the digest names the bytes. */
function omitObject({ sha256, sizeBytes, fileName, kind }: Artifact): SignedConfiguration['artifact'] {
  return { sha256, sizeBytes, fileName, kind }
}

function signCheck({ script, ...check }: ScriptCheck, sha256Of: (text: string) => string): SignedCheck {
  return { ...check, scriptSha256: sha256Of(script) }
}

/**
 * The configuration that a statement describes, with the texts of its scripts from what a server
 * delivered. Nothing else of the delivered object is used.
 */
export function applyStatement(
  statement: VersionStatement,
  delivered: Pick<Configuration, 'id' | 'scripts' | 'verify'>,
  sha256Of: (text: string) => string,
): { readonly configuration: TypedConfiguration } | StatementFault {
  const signed = statement.configurations.find(({ id }) => id === delivered.id)
  if (!signed) return { part: 'configuration', which: delivered.id }
  const { scripts: scriptDigests, verify: signedChecks, ...rest } = signed
  const scripts: { [Kind in ScriptKind]?: string } = {}
  for (const kind of scriptKinds) {
    const digest = scriptDigests[kind]
    if (digest === undefined) continue
    const text = delivered.scripts[kind]
    if (text === undefined || sha256Of(text) !== digest) return { part: 'script', which: kind }
    scripts[kind] = text
  }
  const verify: VerifyCheck[] = []
  for (const [index, check] of signedChecks.entries()) {
    if (check.kind !== 'script') {
      verify.push(check)
      continue
    }
    const { scriptSha256, ...signedCheck } = check
    const found = delivered.verify[index]
    if (found?.kind !== 'script' || sha256Of(found.script) !== scriptSha256)
      return { part: 'check', which: String(index + 1) }
    verify.push({ ...signedCheck, script: found.script })
  }
  return { configuration: { ...rest, scripts, verify, parameterTypes: listParameterTypes(statement.parameters) } }
}
