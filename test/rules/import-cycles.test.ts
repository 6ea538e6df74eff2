// Reason: in a cycle, no file can be understood or tested before the others, and the importer
// decides which of them runs first. Type imports count as well: two files that need each other's
// types are one file in two.
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { findImports } from './imports.ts'
import { listSourceFiles, readProjectFile } from './project-files.ts'

type Graph = ReadonlyMap<string, readonly string[]>

function readGraph(paths: readonly string[], read: (path: string) => string): Graph {
  const known = new Set(paths)
  return new Map(
    paths.map((path) => [
      path,
      findImports(path, read(path))
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
        .filter((target) => known.has(target)),
    ]),
  )
}

/**
 * Groups of files that reach each other, sorted (the strongly connected components, by Tarjan's
 * algorithm).
 */
function findCycles(graph: Graph): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (path: string): number => {
    order.set(path, order.size)
    lowest.set(path, order.get(path) as number)
    stack.push(path)
    for (const target of graph.get(path) ?? []) {
      const reached = order.has(target)
        ? stack.includes(target)
          ? (order.get(target) as number)
          : Infinity
        : visit(target)
      lowest.set(path, Math.min(lowest.get(path) as number, reached))
    }
    if (lowest.get(path) === order.get(path)) {
      const group = stack.splice(stack.indexOf(path))
      if (group.length > 1 || graph.get(path)?.includes(path)) cycles.push(group.sort())
    }
    return lowest.get(path) as number
  }
  for (const path of graph.keys()) if (!order.has(path)) visit(path)
  return cycles.sort(([a = ''], [b = '']) => a.localeCompare(b))
}

test('no source files import each other in a cycle, types included', () => {
  const paths = listSourceFiles()
  expect(paths.length).toBeGreaterThan(10)
  expect(findCycles(readGraph(paths, readProjectFile)), 'move what both need into a file of its own').toEqual([])
})

test('finds planted cycles', () => {
  const sources: Record<string, string> = {
    'src/a.ts': `import type { B } from './b.ts'`,
    'src/b.ts': `export * from './deep/c.ts'`,
    'src/deep/c.ts': `type A = import('../a.ts').A`,
    'src/d.ts': `import { a } from './a.ts'\nimport { e } from './e.ts'`,
    'src/e.ts': `import { readFile } from 'node:fs'\nimport { x } from './unknown.ts'`,
    'src/self.ts': `import { self } from './self.ts'`,
  }
  const graph = readGraph(Object.keys(sources), (path) => sources[path] as string)
  expect(findCycles(graph)).toEqual([['src/a.ts', 'src/b.ts', 'src/deep/c.ts'], ['src/self.ts']])
})
