import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { packageOf } from './arrows.ts'
import { findImports } from './imports.ts'
import { layers } from './layers.ts'
import { listSourceFiles, readProjectFile } from './project-files.ts'

/**
 * Access to file contents and the lock file's entries: real ones in the rule, planted ones in its
 * own tests.
 */
export interface ClosureInput {
  readonly roots: readonly string[]
  readonly readFile: (path: string) => string
  /** The `packages` of package-lock.json. */
  readonly lock: Record<
    string,
    { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }
  >
}

export interface Closure {
  readonly files: readonly string[]
  readonly builtins: readonly string[]
  readonly packages: readonly { readonly name: string; readonly via: string }[]
}

/**
 * Everything that the roots reach by run-time imports; type imports are erased and do not count.
 */
export function findClosure({ roots, readFile, lock }: ClosureInput): Closure {
  const files = new Set<string>()
  const builtins = new Set<string>()
  const packages = new Map<string, string>()

  const addPackage = (name: string, via: string) => {
    if (packages.has(name)) return
    packages.set(name, via)
    const entry = lock[`node_modules/${name}`]
    if (entry === undefined) throw new Error(`${via} imports ${name}, which package-lock.json does not have`)
    for (const dependency of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }).sort())
      addPackage(dependency, name)
  }
  const addFile = (path: string) => {
    if (files.has(path)) return
    files.add(path)
    if (!/\.tsx?$/.test(path)) return
    for (const { specifier, kind } of findImports(path, readFile(path))) {
      if (kind === 'type') continue
      if (specifier.startsWith('.')) addFile(posix.join(posix.dirname(path), specifier))
      else if (isBuiltin(specifier)) builtins.add(specifier)
      else addPackage(packageOf(specifier), path)
    }
  }
  for (const root of roots) addFile(root)
  return {
    files: [...files].sort(),
    builtins: [...builtins].sort(),
    packages: [...packages].map(([name, via]) => ({ name, via })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** The content of docs/agent-closure.md. */
export function renderClosure({ files, builtins, packages }: Closure): string {
  const borrowed = files.filter((path) => !path.startsWith(layers.agent.files))
  const list = (lines: readonly string[]) => (lines.length ? lines.map((line) => `- ${line}`).join('\n') : 'None.')
  return `# What the agent consists of

Written by \`node scripts/write-agent-closure.ts\`; a test compares. Everything here runs on every managed server, mostly as
root: a new line is a decision, and this page is where a review sees it.

## npm packages

${list(packages.map(({ name, via }) => `\`${name}\`, imported by \`${via}\``))}

## Built-in modules

${list(builtins.map((name) => `\`${name}\``))}

## Files outside ${layers.agent.files}

${list(borrowed.map((path) => `\`${path}\``))}
`
}

/** The agent's current closure: every file of src/agent and their imports. */
export const findAgentClosure = (): Closure =>
  findClosure({
    roots: listSourceFiles().filter((path) => path.startsWith(layers.agent.files)),
    readFile: readProjectFile,
    lock: (JSON.parse(readProjectFile('package-lock.json')) as { packages: ClosureInput['lock'] }).packages,
  })
