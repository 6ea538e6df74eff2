// Reason: the layers keep this code readable and the agent small. A wrong import is one line in a
// review, and a precedent a month later. So the table is data (layers.ts) and the test checks every
// import against it.
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findForbiddenArrows, layerOf } from './arrows.ts'
import { type Layer, layers } from './layers.ts'
import { listSourceFiles, projectRoot, readProjectFile } from './project-files.ts'

test('every import of every source file follows the table of layers', () => {
  const files = listSourceFiles()
  expect(files.length, 'no source file found: the rule would hold for nothing').toBeGreaterThan(10)
  const forbidden = files.flatMap((path) => findForbiddenArrows(path, readProjectFile(path)))
  expect(forbidden, 'change the import; change test/rules/layers.ts only for a reason that fits in its line').toEqual(
    [],
  )
})

test('every package in the table is a dependency', () => {
  const { dependencies } = JSON.parse(readProjectFile('package.json')) as { dependencies: Record<string, string> }
  const named = Object.values<Layer>(layers)
    .filter(({ files }) => existsSync(projectRoot + files))
    .flatMap(({ packages }) => packages.map((entry) => (typeof entry === 'string' ? entry : entry.name)))
    .filter((name) => !name.endsWith('/*'))
  expect(
    named.filter((name) => !(name in dependencies)),
    'the table allows a package that is not installed',
  ).toEqual([])
})

test.each([
  ['src/core/id.ts', 'core'],
  ['src/server/boot/main.ts', 'main'],
  ['src/server/boot/settings/config.ts', 'main'],
  ['src/server/app/execution/start-execution.ts', 'app'],
  ['src/agent/facts/os.ts', 'agent'],
  ['src/stray.ts', undefined],
  ['src/server/new-folder/x.ts', undefined],
])('%s belongs to %s', (path, expected) => {
  expect(layerOf(path)).toBe(expected)
})

describe('finds planted violations', () => {
  test.each([
    ['src/core/plan/plan.ts', `import { readFile } from 'node:fs/promises'`, 'no built-in module'],
    ['src/core/plan/plan.ts', `import { z } from 'zod'`, 'the package zod'],
    ['src/core/plan/plan.ts', `import type { Db } from '../../store/database.ts'`, 'imports store'],
    ['src/core/plan/plan.ts', `type Clock = import('../../lib/clock.ts').Clock`, 'imports lib'],
    ['src/protocol/hello.ts', `export * from '../lib/clock.ts'`, 'imports lib'],
    ['src/server/app/start.ts', `const { sql } = await import('kysely')`, 'the package kysely'],
    ['src/server/app/start.ts', `import { nudge } from '../gateway/nudge.ts'`, 'imports gateway'],
    ['src/server/api/executions.ts', `import { listTasks } from '../../store/task.ts'`, 'imports store'],
    ['src/server/api/executions.ts', `import { config } from '../boot/settings/config.ts'`, 'imports main'],
    ['src/server/dispatcher/loop.ts', `import { gateway } from '../gateway/gateway.ts'`, 'imports gateway'],
    ['src/agent/invocation/worker.ts', `import WebSocket from 'ws'`, 'the package ws'],
    ['src/agent/invocation/worker.ts', `import { query } from '../../store/task.ts'`, 'imports store'],
    ['src/cli/run.ts', `import { createServer } from '../server/boot/main.ts'`, 'other than by import()'],
    ['src/cli/run.ts', `const app = await import('../server/app/start.ts')`, 'imports app'],
    ['src/client/client.ts', `import http from 'node:http'`, 'no built-in module'],
    ['src/lib/clock.ts', `import { id } from '../core/id.ts'`, 'imports core'],
    ['src/agent/load.ts', `const load = (name: string) => import(name)`, 'only the running program knows'],
    ['src/lib/digest.ts', `import fs from 'fs'`, 'write node:fs'],
    ['src/lib/digest.ts', `import { b } from './backoff'`, 'without its file extension'],
    ['src/core/plan/plan.ts', `import { fleet } from '../../../test/fleet.ts'`, 'belongs to no layer'],
    ['src/odds-and-ends/x.ts', ``, 'belongs to no layer'],
  ])('%s: %s', (path, text, message) => {
    const found = findForbiddenArrows(path, text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })

  test.each([
    ['src/agent/connection/socket.ts', `import WebSocket from 'ws'`],
    ['src/agent/connection/connection.ts', `import WebSocket from 'ws'`],
    ['src/server/api/app.ts', `import swagger from '@fastify/swagger'`],
    ['src/cli/run.ts', `const { startServer } = await import('../server/boot/main.ts')`],
    ['src/protocol/hello.ts', `import { id } from '../core/id.ts'\nimport { z } from 'zod'`],
    ['src/server/boot/main.ts', `import { createGateway } from '../gateway/gateway.ts'`],
  ])('allowed: %s: %s', (path, text) => {
    expect(findForbiddenArrows(path, text)).toEqual([])
  })
})
