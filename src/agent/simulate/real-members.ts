import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { createArtifactFetch } from '../artifact/artifact-fetch.ts'
import type { Network } from '../connection/network.ts'
import { createFactsSource } from '../facts/facts-source.ts'
import { createWorker } from '../invocation/create-worker.ts'
import { createPlatform } from '../platform/create-platform.ts'
import type { FleetMembers } from './fleet-members.ts'

/**
 * Instances that all run on this machine: real downloads, real scripts, each with its own state
 * directory in a new directory below `parentDirectory`, which is removed at the end: instances of a
 * fleet do not reconnect.
 */
export async function createRealMembers(options: {
  readonly server: string
  /** Absolute. */
  readonly parentDirectory: string
  readonly log: Logger
  readonly network: Network
}): Promise<FleetMembers> {
  const { server, parentDirectory, log, network } = options
  const platform = createPlatform()
  await mkdir(parentDirectory, { recursive: true })
  const directory = await mkdtemp(join(parentDirectory, 'chandler-fleet-'))
  // Scripts that run as another user pass through.
  await chmod(directory, 0o711)
  const facts = await createFactsSource({ stateDirectory: directory, clock: systemClock, log })
  const fetchArtifact = createArtifactFetch(server, network)
  return {
    facts: (_, name) => ({ ...facts.current(), hostName: name }),
    async createWorker(ordinal, instanceId) {
      const stateDirectory = join(directory, String(ordinal + 1))
      await mkdir(stateDirectory, { mode: 0o711 })
      return createWorker({ stateDirectory, instanceId, fetchArtifact, platform, clock: systemClock, log })
    },
    async close() {
      facts.close()
      await rm(directory, { recursive: true, force: true })
      return {}
    },
  }
}
