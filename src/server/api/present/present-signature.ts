import type { SignatureView } from '../../../protocol/api/trust.ts'

interface Signature extends Omit<SignatureView, 'createdAt'> {
  readonly createdAt: Date
}

export const presentSignature = ({
  namespace,
  keyFingerprint,
  publicKey,
  signature,
  createdAt,
  createdBy,
}: Signature): SignatureView => ({
  namespace,
  keyFingerprint,
  publicKey,
  signature,
  createdAt: createdAt.toISOString(),
  createdBy,
})
