import { readFile } from 'node:fs/promises'
import { sha256Of } from '../lib/digest.ts'

/** What tells one machine from another, hashed: the values themselves are nobody else's business. Absent = could not be read. */
export interface Fingerprint {
  /** Made at first boot (machine-id(5)); the same on a disk that was cloned after that. */
  readonly machineId?: string
  /** Given by the firmware or the hypervisor; readable by root only. */
  readonly productUuid?: string
}

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
  (['machineId', 'productUuid'] as const).every(
    (part) => one[part] === undefined || other[part] === undefined || one[part] === other[part],
  )
