import { type ExtensionManifest, extensionManifestSchema } from '../../protocol/extension-manifest.ts'
import type { SchemaIssue } from './schema-problems.ts'

/**
 * A manifest without the parts that the schema refuses, and the indexes of the configurations that
 * lost some.
 */
export interface RepairedManifest {
  readonly manifest: ExtensionManifest
  readonly damaged: ReadonlySet<number>
}

type Fields = Record<string, unknown>

/** Enough for an invalid value inside an invalid value. */
const maxRounds = 6
/** Replaces a configuration that is wholly invalid; it names no file. */
const placeholder = { os: 'linux' }

/**
 * Removes invalid parts, so that the rest can be checked and one run reports all problems.
 * Undefined if nothing is left.
 */
export function repairManifest(value: unknown): RepairedManifest | undefined {
  if (!isFields(value)) return undefined
  const manifest = structuredClone(value)
  const damaged = new Set<number>()
  for (let round = 0; round < maxRounds; round++) {
    const parsed = extensionManifestSchema.safeParse(manifest)
    if (parsed.success) return { manifest: parsed.data, damaged }
    for (const issue of parsed.error.issues) removeFault(manifest, issue, damaged)
  }
  return undefined
}

function removeFault(manifest: Fields, issue: SchemaIssue, damaged: Set<number>): void {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const [section, index] = path
  if (section === 'name') manifest.name = 'unnamed'
  else if (section !== 'configurations') removeIn(manifest, path, issue)
  else if (!Array.isArray(manifest.configurations) || typeof index !== 'number') manifest.configurations = []
  else {
    damaged.add(index)
    const list: unknown[] = manifest.configurations
    const configuration = list[index]
    const rest = path.slice(2)
    const isKept = isFields(configuration) && (rest.length > 0 || issue.code === 'unrecognized_keys')
    if (!isKept || !removeIn(configuration, rest, issue)) list[index] = placeholder
  }
}

/**
 * Removes the invalid field; of a list item, the list. False if the field does not exist, which
 * means that a required one is missing.
 */
function removeIn(fields: Fields, path: readonly (string | number)[], issue: SchemaIssue): boolean {
  if (issue.code === 'unrecognized_keys') {
    const parent = path.reduce<unknown>(
      (at, part) => (isFields(at) || Array.isArray(at) ? (at as Fields)[part] : undefined),
      fields,
    )
    if (!isFields(parent)) return false
    for (const key of (issue as SchemaIssue & { keys?: string[] }).keys ?? []) delete parent[key]
    return true
  }
  let at = fields
  for (const [place, part] of path.entries()) {
    const next = at[part]
    if (!Object.hasOwn(at, part)) return removeParent(fields, path.slice(0, place))
    if (place === path.length - 1 || !isFields(next)) {
      delete at[part]
      return true
    }
    at = next
  }
  return false
}

function removeParent(fields: Fields, path: readonly (string | number)[]): boolean {
  const name = path.at(-1)
  if (name === undefined) return false
  const parent = path.slice(0, -1).reduce<Fields>((at, part) => at[part] as Fields, fields)
  delete parent[name]
  return true
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
