import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import type { LintProblem } from './lint-problem.ts'
import type { YamlPath, YamlPlace } from './yaml-place.ts'

/** A YAML file as a value, with the source position of each part. */
export interface YamlDocument {
  readonly value: unknown
  /** Start of the value at a path; if it does not exist, of its nearest parent. */
  placeOf(path: YamlPath): YamlPlace
  /** Position of the key, for an unknown field. */
  placeOfKey(path: YamlPath): YamlPlace
}

/** A hundred aliases are enough for a manifest and too few for an alias bomb. */
const maxAliases = 100

/** Parses one YAML document, or reports syntax errors. */
export function readYaml(
  file: string,
  text: string,
): { readonly document: YamlDocument } | { readonly problems: LintProblem[] } {
  const lines = new LineCounter()
  const placeAt = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const problemAt = (offset: number, message: string): LintProblem => ({
    file,
    ...placeAt(offset),
    severity: 'error',
    message,
  })

  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error', merge: true })
  if (parsed.errors.length > 0) {
    return { problems: parsed.errors.map(({ pos, code, message }) => problemAt(pos[0], explain(code, message))) }
  }
  let value: unknown
  try {
    value = parsed.toJS({ maxAliasCount: maxAliases })
  } catch (error) {
    const { message } = error as Error
    const next = error instanceof ReferenceError ? '; use fewer aliases' : ''
    return { problems: [problemAt(0, `cannot be read: ${message}${next}`)] }
  }
  return {
    document: {
      value,
      placeOf: (path) => placeAt(offsetOf(nearest(parsed, path))),
      placeOfKey: (path) => placeAt(offsetOf(keyNode(parsed, path) ?? nearest(parsed, path))),
    },
  }
}

function explain(code: string, message: string): string {
  const [sentence = ''] = message.split('\n')
  if (code === 'DUPLICATE_KEY') return 'duplicate key; remove one of them'
  if (code === 'MULTIPLE_DOCS') return 'a second document starts here; the file must contain one extension'
  if (message.startsWith('Maximum call stack')) return 'is nested too deeply'
  return `is not YAML: ${sentence}`
}

const offsetOf = (node: Node | undefined) => node?.range?.[0] ?? 0

function nearest(document: Document, path: YamlPath): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const found: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(found)) {
      // An empty value (`scope:`) has no text: point to its key.
      return isScalar(found) && found.value === null ? (keyNode(document, path.slice(0, length)) ?? found) : found
    }
  }
  return undefined
}

function keyNode(document: Document, path: YamlPath): Node | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const name = path.at(-1)
  const pair = isMap(parent)
    ? parent.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(name))
    : undefined
  return isNode(pair?.key) ? pair.key : undefined
}
