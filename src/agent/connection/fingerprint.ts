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
  // Not there, or not for this user: one source less, which is what the absence says.
  const text = await readFile(path, 'utf8').catch(() => '')
  const id = text.trim().toLowerCase()
  return id === '' || id === 'uninitialized' ? undefined : sha256Of(`chandler fingerprint\n${id}`)
}

/** Only what both know is compared: an agent started as another user may see less. */
export const isSameMachine = (one: Fingerprint, other: Fingerprint): boolean =>
  fingerprintParts.every((part) => one[part] === undefined || other[part] === undefined || one[part] === other[part])

/**
 * What is kept on the machine: it shows whether a machine is the same, and does not give away what the server has to be sent. A copy of
 * the state directory alone, or of the disk where the product UUID can be read, cannot claim to be the machine.
 */
export const sealFingerprint = (fingerprint: Fingerprint): Fingerprint =>
  Object.fromEntries(
    fingerprintParts.flatMap((part) => {
      const digest = fingerprint[part]
      return digest === undefined ? [] : [[part, sha256Of(`chandler kept fingerprint\n${digest}`)]]
    }),
  )
