import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createDemo, timeInstall } from './demo-extension.ts'
import { budget, median, round } from './figures.ts'
import { makePackage } from './package-file.ts'
import { spawnMany } from './peer/spawn-many.ts'
import { startSshPeer } from './peer/ssh-peer.ts'
import type { System } from './system.ts'

const instances = 200
const rounds = 3

/**
 * The real agent code with real downloads and real scripts that unpack a 1 MB tar.gz and write a
 * PID file, with durable state and logs. The same run measures the floor (the unpacking alone, with
 * the same concurrency) and, if available, SSH over warm multiplexed connections.
 */
export async function measureRealInstalls(system: System) {
  const { client, directory } = system
  await system.addFleet({ count: instances, scripts: 'real' })
  const artifact = await makePackage(directory)
  const peer = await startSshPeer(directory, instances)
  const seconds: Record<'chandler' | 'tar' | 'ssh', number[]> = { chandler: [], tar: [], ssh: [] }
  const places = await makePlaces(directory, rounds)
  try {
    for (const place of places) {
      const name = `real-${Date.now()}`
      await createDemo(client, { name, artifact, install: installScript(join(place, 'chandler')) })
      seconds.chandler.push(await timeInstall(client, name, instances))
      await assertInstalled(join(place, 'chandler'))
      const tar = (index: number) => ['tar', 'xzf', artifact, '-C', join(place, 'tar', String(index))]
      seconds.tar.push(await spawnMany(instances, instances, tar))
      if (!peer) continue
      seconds.ssh.push(await peer.run(instances, installScript(join(place, 'ssh')), artifact))
      await assertInstalled(join(place, 'ssh'))
    }
  } finally {
    await peer?.stop()
  }
  const took = median(seconds.chandler)
  return {
    bench: 'real-installs',
    instances,
    packageBytes: (await stat(artifact)).size,
    seconds: round(took),
    rounds: seconds.chandler.map((value) => round(value)),
    tarAloneSeconds: round(median(seconds.tar)),
    ratioToTarAlone: round(took / median(seconds.tar)),
    ...(peer ? { sshSeconds: round(median(seconds.ssh)), ratioToSsh: round(took / median(seconds.ssh)) } : {}),
    ...budget('≤ 4 s', took <= 4),
  }
}

async function makePlaces(directory: string, count: number): Promise<string[]> {
  const places = Array.from({ length: count }, (_, index) => join(directory, `place-${index}`))
  for (const place of places)
    for (let index = 0; index < instances; index++) await mkdir(join(place, 'tar', String(index)), { recursive: true })
  return places
}

const installScript = (parent: string) => `#!/bin/sh
set -e
place='${parent}/'"$CHANDLER_INSTANCE_ID"
mkdir -p "$place"
tar xzf "$CHANDLER_PACKAGE" -C "$place"
echo $$ > "$place/app.pid"
`

async function assertInstalled(parent: string): Promise<void> {
  const names = await readdir(parent)
  const pidFiles = await Promise.all(names.map((name) => stat(join(parent, name, 'app.pid'))))
  const last = await Promise.all(names.map((name) => stat(join(parent, name, 'file-39'))))
  if (names.length !== instances || [...pidFiles, ...last].some(({ size }) => size === 0))
    throw new Error(`${names.length} of ${instances} instances have the package`)
}
