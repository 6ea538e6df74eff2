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
  namespaces: readonly [SignatureNamespace, ...SignatureNamespace[]],
): SshSignature {
  try {
    const verified = verifySshSignature(signature, content)
    if ((namespaces as readonly string[]).includes(verified.namespace)) return verified
    throw new SshSignatureInvalid(`its namespace is ${verified.namespace.slice(0, 64)} instead of ${namespaces[0]}`)
  } catch (error) {
    if (!(error instanceof SshSignatureInvalid)) throw error
    const [namespace] = namespaces
    throw chandlerError('ContentSignatureInvalid', { reason: error.message, bytes: bytesOf[namespace], namespace })
  }
}

/** What is signed for each purpose, as a user finds it. */
const bytesOf: Record<SignatureNamespace, string> = {
  'chandler-version': 'the bytes that `chandler extension export NAME@VERSION` prints',
  'chandler-rollback': 'the bytes that `chandler extension export NAME@VERSION` prints',
  'chandler-agent': 'the bytes that `chandler trust sign-agent` prints',
  'chandler-trust': 'the bytes of the trust file',
  'chandler-plan': 'the bytes that `chandler execution plan-bytes ID` prints',
}
