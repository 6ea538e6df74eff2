import { makeVersionStatement } from '../../core/trust/version-statement.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { digestFile, sha256Of } from '../../lib/digest.ts'
import { versionInputSchema } from '../../protocol/api/extensions.ts'
import { hasErrors, printLintProblem } from '../extension/lint-problem.ts'
import { type ExtensionDraft, readExtension } from '../extension/read-extension.ts'
import type { Sink } from '../output/sink.ts'
import { UsageError } from '../usage-error.ts'

/**
 * The canonical bytes of the version in a folder, without a server: what a publisher signs is what
 * the publisher has.
 */
export async function renderLocalStatement(draft: ExtensionDraft, version: number): Promise<string> {
  const { name, type, versionDescription, scope, parameters } = draft.input
  const configurations: { readonly input: object; readonly sizeBytes: number | undefined }[] = []
  for (const { input, artifact } of draft.configurations) {
    const file = artifact?.file
    const digest = file && (await digestFile(file.path))
    const named = artifact && digest && { sha256: digest.sha256, fileName: artifact.fileName, kind: artifact.kind }
    configurations.push({ input: { ...input, ...(named && { artifact: named }) }, sizeBytes: digest?.sizeBytes })
  }
  // With the defaults that the server applies.
  const complete = versionInputSchema.parse({
    versionDescription,
    scope,
    parameters,
    configurations: configurations.map(({ input }) => input),
  })
  const stated = complete.configurations.map(({ artifact, ...rest }, index) => ({
    id: `c${index + 1}`,
    ...rest,
    ...(artifact && { artifact: { ...artifact, sizeBytes: configurations[index]?.sizeBytes ?? 0 } }),
  }))
  return canonicalJson(
    makeVersionStatement({ extensionName: name, type, version, ...complete, configurations: stated }, sha256Of),
  )
}

/** Reads a folder for signing. @throws UsageError if it has errors */
export async function readDraft(directory: string, err: Sink): Promise<ExtensionDraft> {
  const { problems, draft } = await readExtension(directory)
  if (draft && !hasErrors(problems)) return draft
  for (const problem of problems) printLintProblem(err, problem)
  throw new UsageError(`the extension in ${directory} has errors`, 'Correct them first.')
}

/**
 * Refuses to go on where the server has another version than the folder.
 * @param server the canonical bytes that the server has
 */
export function assertSameStatement(local: string, server: string, name: string, directory: string): void {
  if (local === server) return
  const [mine, its] = [JSON.parse(local) as object, JSON.parse(server) as object]
  const fields = [...new Set([...Object.keys(mine), ...Object.keys(its)])].filter(
    (field) => canonicalJson({ is: mine[field as never] }) !== canonicalJson({ is: its[field as never] }),
  )
  throw new UsageError(
    `${name} on the server differs from ${directory}: ${fields.join(', ')}`,
    'Nothing was signed. Create a new version from the folder, or use the folder that the version was created from.',
  )
}
