import { systemClock } from '../../lib/clock.ts'
import { readAgentVersion } from '../facts/agent-version.ts'
import { makeSimulatedFacts } from '../facts/simulated-facts.ts'
import type { FleetMembers } from './fleet-members.ts'
import { type Behaviour, SimulatedWorker } from './simulated-worker.ts'

/**
 * Instances of many kinds whose scripts only take time. `seed` decides facts, durations and
 * failures.
 */
export function createSimulatedMembers(
  seed: number,
  options: Pick<Behaviour, 'durationMs' | 'failureRate' | 'outputBytes'>,
): FleetMembers {
  const { durationMs, failureRate, outputBytes } = options
  const agentVersion = readAgentVersion()
  const ends = { succeeded: 0, failed: 0, timedOut: 0, cancelled: 0 }
  const onEnd: Behaviour['onEnd'] = (state) => ends[state]++
  const behaviour: Behaviour = { durationMs, failureRate, outputBytes, clock: systemClock, onEnd }
  return {
    // Created for every hello: keeping ten thousand of them would take much of this process's
    // memory.
    facts: (ordinal, name) => makeSimulatedFacts(seed, ordinal, name, agentVersion),
    createWorker: (ordinal) => Promise.resolve(new SimulatedWorker(behaviour, Math.imul(seed, 7_919) + ordinal)),
    close: () => Promise.resolve(ends),
  }
}
