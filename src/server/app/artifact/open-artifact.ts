import { chandlerError } from '../../../core/error/errors.ts'
import type { ByteRange } from '../../../objects/object-store.ts'
import type { AppContext } from '../context.ts'

/** The parts of a signed URL. `expires`: seconds since 1970. */
export interface SignedArtifactAddress {
  readonly sha256: string
  readonly fileName: string
  readonly expires: string
  readonly signature: string
}

/** Whether a server with the same key signed exactly this, and whether it has expired. */
export type VerifyArtifactAddress = (address: SignedArtifactAddress) => 'valid' | 'expired' | 'forged'

/** An artifact that can be read. */
export interface OpenedArtifact {
  readonly sha256: string
  readonly sizeBytes: number
  /** Opens the bytes (see `ObjectStore.read`); without this call there is nothing to close. */
  read(range?: ByteRange): Promise<AsyncIterable<Uint8Array>>
}

/**
 * The bytes of a signed URL: an object, or a bundle of the agent. The signature is the only authorisation.
 * @throws ArtifactUrlInvalid, ArtifactUrlExpired, ArtifactNotFound, ObjectStoreUnavailable
 */
export async function openArtifact(
  {
    objects,
    agentBundles,
    verifyArtifactAddress,
  }: Pick<AppContext, 'objects' | 'agentBundles'> & { verifyArtifactAddress: VerifyArtifactAddress },
  address: SignedArtifactAddress,
): Promise<OpenedArtifact> {
  const { sha256 } = address
  // The signature is checked first: without a valid one the response does not reveal whether the
  // artifact exists.
  const verdict = verifyArtifactAddress(address)
  if (verdict === 'forged') throw chandlerError('ArtifactUrlInvalid', {})
  if (verdict === 'expired') throw chandlerError('ArtifactUrlExpired', {})
  const found = await objects.find(sha256)
  if (found !== undefined) return { ...found, read: (range) => objects.read(sha256, range) }
  const bundle = await agentBundles.find(sha256)
  if (bundle === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
  return { sha256, sizeBytes: bundle.sizeBytes, read: (range) => Promise.resolve(bundle.read(range)) }
}
