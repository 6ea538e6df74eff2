import { readFile } from 'node:fs/promises'
import { type Fingerprint, fingerprintParts } from '../../core/instance/agent-identity.ts'
import { sha256Of } from '../../lib/digest.ts'

export interface FingerprintSources {
  readonly machineIdPath: string
  readonly productUuidPath: string
}

const linuxSources: FingerprintSources = {
  machineIdPath: '/etc/machine-id',
  productUuidPath: '/sys/class/dmi/id/product_uuid',
}

export async function readFingerprint(sources: FingerprintSources = linuxSources): Promise<Fingerprint> {
  const [machineId, productUuid] = await Promise.all([
    digestOf(sources.machineIdPath),
    digestOf(sources.productUuidPath),
  ])
  return {
    ...(machineId === undefined ? {} : { machineId }),
    ...(productUuid === undefined ? {} : { productUuid }),
  }
}

async function digestOf(path: string): Promise<string | undefined> {
  // Missing, or not readable for this user: the fingerprint omits this source.
  const text = await readFile(path, 'utf8').catch(() => '')
  const id = text.trim().toLowerCase()
  return id === '' || id === 'uninitialized' ? undefined : sha256Of(`chandler fingerprint\n${id}`)
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
