import { type Fingerprint, fingerprintParts } from '../../core/instance/agent-identity.ts'
import { sha256Of } from '../../lib/digest.ts'
import { createMachine } from '../platform/create-machine.ts'
import type { HostMachine } from '../platform/machine.ts'

/** Omits what the machine does not have, or this user may not read. */
export async function readFingerprint(machine: Pick<HostMachine, 'readIds'> = createMachine()): Promise<Fingerprint> {
  const { machineId, productUuid } = await machine.readIds()
  return { ...digestOf('machineId', machineId), ...digestOf('productUuid', productUuid) }
}

function digestOf(part: keyof Fingerprint, text = ''): Fingerprint {
  const id = text.trim().toLowerCase()
  return id === '' ? {} : { [part]: sha256Of(`chandler fingerprint\n${id}`) }
}

/** Compares only common sources: an agent that runs as another user may see fewer. */
export const isSameMachine = (one: Fingerprint, other: Fingerprint): boolean =>
  fingerprintParts.every((part) => one[part] === undefined || other[part] === undefined || one[part] === other[part])

/**
 * The form stored on the machine: it proves whether a machine is the same without revealing what
 * the agent sends to the server. A copy of the state directory alone, or of a disk where the
 * product UUID is readable, cannot pass for the machine.
 */
export const sealFingerprint = (fingerprint: Fingerprint): Fingerprint =>
  Object.fromEntries(
    fingerprintParts.flatMap((part) => {
      const digest = fingerprint[part]
      return digest === undefined ? [] : [[part, sha256Of(`chandler kept fingerprint\n${digest}`)]]
    }),
  )
