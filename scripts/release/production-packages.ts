import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'

interface LockEntry {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  dev?: boolean
}
/** package-lock.json, as far as it is used here. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/** A statement at the start of a line, or a call of import(): what the compiler writes. */
const importedName =
  /(?:^(?:import|export)\b[^'";]*\bfrom |^import |\bimport\()'((?:@[a-z0-9-]+\/)?[a-z0-9][\w.:-]*(?:\/[\w./-]+)?)'/gm

/** The npm packages that compiled files import, sorted. */
export function listImportedPackages(files: readonly string[]): string[] {
  const found = new Set<string>()
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    for (const [, from] of text.matchAll(importedName)) {
      const [first = '', second = ''] = from!.split('/')
      const name = first.startsWith('@') ? `${first}/${second}` : first
      if (!first.startsWith('node:') && !builtinModules.includes(first)) found.add(name)
    }
  }
  return [...found].sort()
}

/**
 * The part of a lock file that a package with these dependencies needs: what they depend on, also
 * for other platforms. Nested copies are found as Node.js resolves them.
 * @param names packages of the root
 * @param optional optional packages of the root
 */
export function cutLockFile(
  lock: LockFile,
  manifest: { readonly name: string; readonly version: string; readonly license: string },
  dependencies: Readonly<Record<string, string>>,
  optionalDependencies: Readonly<Record<string, string>>,
) {
  const kept = new Set<string>()
  function keep(name: string, from: string, isOptional: boolean): void {
    const path = resolveEntry(lock, name, from)
    if (path === undefined) {
      if (isOptional) return
      throw new Error(`package-lock.json has no entry for ${name}, which ${from || 'the project'} needs`)
    }
    if (kept.has(path)) return
    kept.add(path)
    const entry = lock.packages[path]!
    for (const dependency of Object.keys(entry.dependencies ?? {})) keep(dependency, path, false)
    for (const dependency of Object.keys(entry.optionalDependencies ?? {})) keep(dependency, path, true)
    for (const dependency of Object.keys(entry.peerDependencies ?? {}))
      keep(dependency, path, entry.peerDependenciesMeta?.[dependency]?.optional ?? false)
  }
  for (const name of Object.keys(dependencies)) keep(name, '', false)
  for (const name of Object.keys(optionalDependencies)) keep(name, '', true)
  const entries = [...kept].sort().map((path) => {
    const { dev: _, ...entry } = lock.packages[path]!
    return [path, entry] as const
  })
  return {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': { ...manifest, dependencies, optionalDependencies }, ...Object.fromEntries(entries) },
  }
}

function resolveEntry(lock: LockFile, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (lock.packages[candidate]) return candidate
    if (folder === '') return undefined
  }
}
