import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InstanceId, ServerId } from '../../../src/core/id.ts'
import { connectInstances, disconnectInstances, updateInstanceFacts } from '../../../src/store/agent-sessions.ts'
import { deleteServer, updateHeartbeat } from '../../../src/store/servers.ts'
import { makeFacts } from '../../make-instance.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const shuffled = <Item>(items: readonly Item[]) =>
  items
    .map((item) => ({ item, place: randomInt(2 ** 32) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)

/** Runs each of these again and again, all at once, until `done`; whatever one of them throws fails the test. */
async function keepDoing(done: () => Promise<boolean>, deeds: readonly (() => Promise<unknown>)[]): Promise<void> {
  let over = false
  const loops = deeds.map(async (deed) => {
    try {
      while (!over) {
        await deed()
        await pause(0)
      }
    } finally {
      over = true
    }
  })
  const watching = async () => {
    while (!over && !(await done())) await pause(20)
    over = true
  }
  await Promise.all([...loops, watching()])
}

test('a fleet that moves from server to server', async () => {
  const { db } = plane
  const instances = await plane.enrol(200)
  const [here, there] = ['server-here', 'server-there'] as ServerId[]
  const some = () => shuffled(instances).slice(0, 100)
  const withFacts = (ids: readonly InstanceId[]) => ids.map((id) => ({ id, facts: makeFacts() }))
  await updateHeartbeat(db.database, there!, 'host')
  const endsAtMs = Date.now() + 3_000
  await keepDoing(
    async () => Date.now() > endsAtMs,
    [
      () => connectInstances(db.database, there!, withFacts(some())),
      () => updateInstanceFacts(db.database, withFacts(some())),
      () => disconnectInstances(db.database, there!, some()),
      async () => {
        await updateHeartbeat(db.database, here!, 'host')
        await connectInstances(db.database, here!, withFacts(some()))
        await deleteServer(db.database, here!)
      },
    ],
  )
})
