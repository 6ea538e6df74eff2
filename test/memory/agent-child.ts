// An agent that runs commands, one after the other: real scripts, a real journal. A round ends when
// the agent has forgotten the command.
import { createWorker } from '../../src/agent/invocation/create-worker.ts'
import { createPlatform } from '../../src/agent/platform/create-platform.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { makeInstall } from '../integration/agent/agent-engine.ts'
import { ArtifactShelf } from '../integration/agent/artifact-shelf.ts'
import { printBytesPerRound } from './bytes-per-round.ts'

let forgotten = () => {}
const worker = await createWorker({
  stateDirectory: process.argv[2] ?? '',
  instanceId: 'i-0000000000000000',
  fetchArtifact: new ArtifactShelf().fetch,
  platform: createPlatform(),
  clock: systemClock,
  log: silentLogger,
  onStep: (state) => {
    if (state === 'forgotten') forgotten()
  },
})
worker.onReport(() => {
  for (let batch = worker.take(512 * 1024); batch.length > 0; batch = worker.take(512 * 1024))
    worker.acknowledged(batch)
})
await printBytesPerRound(100, async () => {
  const over = new Promise<void>((resolve) => {
    forgotten = resolve
  })
  await worker.offer(
    makeInstall(
      { scripts: { install: 'echo x' } },
      { action: 'run', extensionId: 'command-exec-1', extensionName: '' },
    ),
  )
  await over
})
await worker.close()
