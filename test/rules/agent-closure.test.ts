// Reason: the agent runs on every managed server, mostly as root. Its closure is a committed page,
// so that a new package or built-in module is visible in the review of the change that adds it, and
// not after an incident.
import { expect, test } from 'vitest'
import { agentPackages } from '../../src/server/agent-bundle/agent-bundle-files.ts'
import { findAgentClosure, findClosure, renderClosure } from './agent-closure.ts'
import { listProjectFiles, readProjectFile } from './project-files.ts'

const page = 'docs/agent-closure.md'

test(`${page} equals the agent's closure`, () => {
  const closure = findAgentClosure()
  expect(closure.files, 'the agent has no main file: the page would describe nothing').toContain('src/agent/main.ts')
  expect(listProjectFiles(), 'run: node scripts/write-agent-closure.ts').toContain(page)
  expect(
    readProjectFile(page),
    'the agent has changed; run: node scripts/write-agent-closure.ts, and read what it brings',
  ).toBe(renderClosure(closure))
})

test('the bundle of the agent has the npm packages that it imports', () => {
  const imported = findAgentClosure().packages.filter(({ via }) => via.startsWith('src/'))
  expect(agentPackages).toEqual(imported.map(({ name }) => name))
})

test('a planted import is found through other files and packages', () => {
  const sources: Record<string, string> = {
    'src/agent/main.ts': `import { plan } from '../core/plan/plan.ts'\nimport type { Db } from '../store/db.ts'\nawait import('./late.ts')`,
    'src/agent/late.ts': `import 'outer'\nimport './main.ts'`,
    'src/core/plan/plan.ts': `import { hash } from 'node:crypto'`,
  }
  const closure = findClosure({
    roots: ['src/agent/main.ts'],
    readFile: (path) => sources[path] ?? `unexpected: ${path}`,
    lock: {
      'node_modules/outer': { dependencies: { inner: '1.0.0' } },
      'node_modules/inner': {},
      'node_modules/other': {},
    },
  })
  expect(closure).toEqual({
    files: ['src/agent/late.ts', 'src/agent/main.ts', 'src/core/plan/plan.ts'],
    builtins: ['node:crypto'],
    packages: [
      { name: 'inner', via: 'outer' },
      { name: 'outer', via: 'src/agent/late.ts' },
    ],
  })
  expect(renderClosure(closure)).toContain('- `inner`, imported by `outer`')
  expect(renderClosure(closure)).toContain('- `src/core/plan/plan.ts`')
})
