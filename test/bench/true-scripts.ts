import { createDemo, timeInstall } from './demo-extension.ts'
import { budget, median, round } from './figures.ts'
import { spawnMany } from './peer/spawn-many.ts'
import { startSshPeer } from './peer/ssh-peer.ts'
import type { System } from './system.ts'

const instances = 500
const rounds = 3

/**
 * Cost of running the smallest possible script on each of many instances; and of spawning it alone,
 * with the same count and concurrency.
 */
export async function measureTrueScripts(system: System) {
  await system.addFleet({ count: instances, scripts: 'real' })
  const peer = await startSshPeer(system.directory, instances)
  const seconds: Record<'chandler' | 'spawn' | 'ssh', number[]> = { chandler: [], spawn: [], ssh: [] }
  try {
    for (let index = 0; index < rounds; index++) {
      const name = `true-${Date.now()}`
      await createDemo(system.client, { name, install: '#!/bin/sh\ntrue\n' })
      seconds.chandler.push(await timeInstall(system.client, name, instances))
      seconds.spawn.push(await spawnMany(instances, instances, () => ['true']))
      if (peer) seconds.ssh.push(await peer.run(instances, 'true\n'))
    }
  } finally {
    await peer?.stop()
  }
  const took = median(seconds.chandler)
  return {
    bench: 'true-500',
    instances,
    seconds: round(took),
    rounds: seconds.chandler.map((value) => round(value)),
    spawnAloneSeconds: round(median(seconds.spawn)),
    ratioToSpawnAlone: round(took / median(seconds.spawn)),
    ...(peer ? { sshSeconds: round(median(seconds.ssh)), ratioToSsh: round(took / median(seconds.ssh)) } : {}),
    ...budget('≤ 1.2 s', took <= 1.2),
  }
}
