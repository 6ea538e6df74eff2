import { chandlerError } from '../../../core/error/errors.ts'
import type { SignatureNamespace } from '../../../core/trust/namespaces.ts'
import { type SshSignature, SshSignatureInvalid, verifySshSignature } from '../../../lib/ssh-signature.ts'

/**
 * Verifies that a signature is one over these bytes, for one of these purposes. Whether its key
 * counts is for instances to decide. @throws ContentSignatureInvalid
 */
export function verifyContentSignature(
  signature: string,
  content: string,
  namespaces: readonly SignatureNamespace[],
): SshSignature {
  try {
    const verified = verifySshSignature(signature, content)
    if ((namespaces as readonly string[]).includes(verified.namespace)) return verified
    throw new SshSignatureInvalid(`its namespace is ${verified.namespace.slice(0, 64)} instead of ${namespaces[0]}`)
  } catch (error) {
    if (!(error instanceof SshSignatureInvalid)) throw error
    throw chandlerError('ContentSignatureInvalid', { reason: error.message })
  }
}
