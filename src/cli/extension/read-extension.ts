import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { validateExtensionName } from '../../core/extension/name.ts'
import { listParameterTypes } from '../../core/extension/parameter.ts'
import { validateVersion } from '../../core/extension/validate-version.ts'
import { maxApiBodyBytes } from '../../core/limits.ts'
import type { ExtensionInput } from '../../protocol/api/extensions.ts'
import { type ExtensionManifest, extensionManifestSchema } from '../../protocol/extension-manifest.ts'
import { UsageError } from '../usage-error.ts'
import type { ConfigurationSource } from './configuration-source.ts'
import { type LintProblem, sortProblems } from './lint-problem.ts'
import { fieldsOfManifest } from './manifest-fields.ts'
import { readConfiguration } from './read-configuration.ts'
import { repairManifest } from './repair-manifest.ts'
import { explainIssue } from './schema-problems.ts'
import { readYaml, type YamlDocument } from './yaml-document.ts'
import type { YamlPath } from './yaml-place.ts'

const manifestName = 'extension.yaml'

/**
 * An extension folder. `draft` is present if the manifest can be parsed; it may be sent only
 * without errors.
 */
export interface ReadExtension {
  readonly problems: readonly LintProblem[]
  readonly name: string | undefined
  readonly draft: ExtensionDraft | undefined
}

/** The request body, with files in place of digests. */
export interface ExtensionDraft {
  readonly input: Omit<ExtensionInput, 'configurations'>
  readonly configurations: readonly ConfigurationSource[]
}

/**
 * Reads a folder with an extension.yaml and reports all problems with file and line (design §4).
 * @throws UsageError if the folder or its extension.yaml does not exist
 */
export async function readExtension(directory: string): Promise<ReadExtension> {
  const { folder, text } = await readManifestText(directory)
  const read = readYaml(manifestName, text)
  if ('problems' in read) return { problems: sortProblems(read.problems), name: undefined, draft: undefined }
  const { document } = read
  const problems: LintProblem[] = []
  const say = (path: YamlPath, message: string) =>
    problems.push({ file: manifestName, ...document.placeOf(path), severity: 'error', message })

  const parsed = extensionManifestSchema.safeParse(document.value)
  if (!parsed.success) problems.push(...schemaProblems(document, parsed.error.issues))
  const name = nameIn(document.value)
  const nameProblem = name === undefined ? undefined : validateExtensionName(name)
  if (nameProblem) say(['name'], `the name ${nameProblem.reason}; choose another`)
  // Invalid parts are removed and the rest is checked, so that one run reports all problems.
  const repaired = parsed.success
    ? { manifest: parsed.data, damaged: new Set<number>() }
    : repairManifest(document.value)
  if (!repaired) return { problems: sortProblems(problems), name, draft: undefined }

  const { manifest, damaged } = repaired
  const parameterTypes = listParameterTypes(manifest.parameters ?? {})
  const configurations: ConfigurationSource[] = []
  for (const [index, configuration] of manifest.configurations.entries()) {
    const report = {
      say: (path: YamlPath, message: string) => void say(['configurations', index, ...path], message),
      add: (found: readonly LintProblem[]) => void problems.push(...found),
    }
    configurations.push(await readConfiguration(folder, configuration, parameterTypes, report))
  }
  const draft: ExtensionDraft = { input: inputOf(manifest), configurations }
  const sizeBytes = Buffer.byteLength(JSON.stringify(draft.configurations.map(({ input }) => input)))
  if (sizeBytes > maxApiBodyBytes) {
    const message = `the scripts have ${sizeBytes} bytes together; the limit is ${maxApiBodyBytes}; move large files into artifacts`
    say(['configurations'], message)
  }
  for (const { path, message } of validateVersion(versionOf(draft))) {
    if (!isEcho(path, parsed.success, damaged)) say(manifestPathOf(path), message)
  }
  return { problems: sortProblems(problems), name, draft: parsed.success ? draft : undefined }
}

/** These refer to removed parts, which have been reported. */
const isEcho = ([section, index]: YamlPath, isWhole: boolean, damaged: ReadonlySet<number>) =>
  !isWhole && section === 'configurations' && (typeof index !== 'number' || damaged.has(index))

async function readManifestText(directory: string): Promise<{ folder: string; text: string }> {
  try {
    const folder = await realpath(directory)
    const file = join(folder, manifestName)
    const stats = await stat(file)
    if (!stats.isFile()) throw new UsageError(`${join(directory, manifestName)} is not a file`)
    if (stats.size > maxApiBodyBytes) {
      throw new UsageError(`${join(directory, manifestName)} has ${stats.size} bytes; the limit is ${maxApiBodyBytes}`)
    }
    return { folder, text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)) }
  } catch (error) {
    if (error instanceof UsageError) throw error
    if (error instanceof TypeError)
      throw new UsageError(`${join(directory, manifestName)} is not valid UTF-8`, 'Save it as UTF-8.')
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError(
        `${manifestName} does not exist in ${directory}`,
        'Specify the folder that contains it; see examples/.',
      )
    }
    throw new UsageError(`${directory} cannot be read: ${message}`)
  }
}

const nameIn = (value: unknown) =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
    ? value.name
    : undefined

function schemaProblems(document: YamlDocument, issues: readonly Parameters<typeof explainIssue>[0][]): LintProblem[] {
  return issues
    .flatMap((issue) => explainIssue(issue, document.value, fieldsOfManifest))
    .map(({ path, isKey, message }) => ({
      file: manifestName,
      ...(isKey ? document.placeOfKey(path) : document.placeOf(path)),
      severity: 'error',
      message,
    }))
}

const inputOf = (manifest: ExtensionManifest): ExtensionDraft['input'] => ({
  name: manifest.name,
  type: manifest.type,
  description: manifest.description ?? '',
  versionDescription: manifest.versionDescription ?? '',
  scope: manifest.scope ?? {},
  parameters: manifest.parameters ?? {},
})

/** The server runs these checks, too. */
const versionOf = ({ input: { scope, parameters }, configurations }: ExtensionDraft) => ({
  scope,
  parameters,
  configurations: configurations.map(({ input, artifact }, index) => ({
    ...input,
    id: `c${index + 1}`,
    ...(artifact && { artifact: { kind: artifact.kind } }),
  })),
})

/** In extension.yaml, scripts and run options are direct fields of their configuration. */
function manifestPathOf(path: YamlPath): YamlPath {
  const [first, index, group, ...rest] = path
  return first === 'configurations' && (group === 'scripts' || group === 'run') && index !== undefined
    ? [first, index, ...rest]
    : path
}
