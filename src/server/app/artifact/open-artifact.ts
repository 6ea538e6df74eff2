import { chandlerError } from '../../../core/error/errors.ts'
import type { ByteRange } from '../../../objects/object-store.ts'
import type { AppContext } from '../context.ts'

/** What a signed address says. `expires`: seconds since 1970. */
export interface SignedArtifactAddress {
  readonly sha256: string
  readonly fileName: string
  readonly expires: string
  readonly signature: string
}

/** Whether this server, or another one with the same key, signed exactly this, and whether it still counts. */
export type VerifyArtifactAddress = (address: SignedArtifactAddress) => 'valid' | 'expired' | 'forged'

export interface OpenedArtifact {
  readonly sha256: string
  readonly sizeBytes: number
  /** Opens the bytes (see `ObjectStore.read`); whoever does not call it has nothing to close. */
  read(range?: ByteRange): Promise<AsyncIterable<Uint8Array>>
}

/**
 * The bytes that a signed address is for. The signature is the whole permission: it was given to whoever may have them.
 * @throws ArtifactUrlInvalid, ArtifactUrlExpired, ArtifactNotFound, ObjectStoreUnavailable
 */
export async function openArtifact(
  { objects, verifyArtifactAddress }: Pick<AppContext, 'objects'> & { verifyArtifactAddress: VerifyArtifactAddress },
  address: SignedArtifactAddress,
): Promise<OpenedArtifact> {
  const { sha256 } = address
  // The signature goes first: to everyone else all addresses are alike, whether or not there is something behind them.
  const verdict = verifyArtifactAddress(address)
  if (verdict === 'forged') throw chandlerError('ArtifactUrlInvalid', {})
  if (verdict === 'expired') throw chandlerError('ArtifactUrlExpired', {})
  const found = await objects.find(sha256)
  if (found === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
  return { ...found, read: (range) => objects.read(sha256, range) }
}
