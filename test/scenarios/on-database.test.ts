import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { actor, type ControlPlane, startControlPlane } from '../integration/control-plane/control-plane.ts'
import { playOnDatabase, showOnly } from './play-on-database.ts'
import { playScenario } from './play-scenario.ts'

// The simulator's rows model the store's statements: every scenario must give the same result on
// both.

const folder = new URL('./', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'))

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  // Its first sweep may still be running: it would reconcile executions between two steps.
  await plane.stopDispatcher()
})
afterEach(() => plane.stop())

test.each(names)('%s gives the same result on PostgreSQL', async (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const executions = [...text.matchAll(/^> start (\S+)/gm)].map(([, execution]) => execution)
  const simulated = playScenario(`${text.trimEnd()}\n${executions.map((one) => `> show ${one}`).join('\n')}`)
  expect(await playOnDatabase(text, plane.db, plane.context, actor)).toEqual(showOnly(simulated))
})
