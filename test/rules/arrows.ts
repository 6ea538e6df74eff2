import { isBuiltin } from 'node:module'
import { matchesGlob, posix } from 'node:path'
import { findImports, type Import, unknownSpecifier } from './imports.ts'
import { type Layer, type LayerName, layers } from './layers.ts'

const table = Object.entries(layers) as [LayerName, Layer][]

/** The layer of a file; undefined when the table has no line for it. */
export const layerOf = (path: string): LayerName | undefined =>
  table.find(([, { files }]) => path.startsWith(files))?.[0]

export const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const isAllowedPackage = (allowed: Layer['packages'], name: string, path: string) =>
  allowed.some((entry) => {
    const pattern = typeof entry === 'string' ? entry : entry.name
    const fits = pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
    return fits && (typeof entry === 'string' || matchesGlob(path, entry.only))
  })

function wrongWith(path: string, from: LayerName, { specifier, kind }: Import): string | undefined {
  const { layers: allowed, starts = [], packages, builtins } = layers[from] as Layer
  if (specifier === unknownSpecifier) return 'imports what only the running program knows; write the path out'
  if (specifier.startsWith('.')) {
    if (!/\.(tsx?|json|sql|css)$/.test(specifier)) return `imports ${specifier} without its file extension`
    const target = posix.join(posix.dirname(path), specifier)
    const to = layerOf(target)
    if (to === undefined) return `imports ${target}, which belongs to no layer`
    if (to === from || allowed.includes(to)) return undefined
    if (starts.includes(to)) return kind === 'dynamic' ? undefined : `imports ${to} (${target}) other than by import()`
    return `imports ${to} (${target}); ${from} may import ${allowed.join(', ') || 'no other layer'}`
  }
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith('node:')) return `imports ${specifier}; write node:${specifier}`
    const name = specifier.slice('node:'.length)
    const fits = builtins === 'all' || builtins.some((builtin) => name === builtin || name.startsWith(`${builtin}/`))
    return fits
      ? undefined
      : `imports ${specifier}; ${from} may use ${builtins.length ? `node:${builtins.join(', node:')}` : 'no built-in module'}`
  }
  const name = packageOf(specifier)
  if (isAllowedPackage(packages, name, path)) return undefined
  const names = packages.map((entry) => (typeof entry === 'string' ? entry : `${entry.name} (in ${entry.only})`))
  return `imports the package ${name}; ${from} may use ${names.join(', ') || 'none'}`
}

/**
 * Violations of the table in a file's imports, one sentence each with its place; test code may
 * import anything.
 */
export function findForbiddenArrows(path: string, text: string): string[] {
  const from = layerOf(path)
  if (from === undefined)
    return [`${path} belongs to no layer: move it, or give its folder a line in test/rules/layers.ts`]
  return findImports(path, text).flatMap((found) => {
    const wrong = wrongWith(path, from, found)
    return wrong === undefined ? [] : [`${found.place} ${wrong}. Reason: ${layers[from].reason}`]
  })
}
