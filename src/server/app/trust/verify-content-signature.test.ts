import { expect, test } from 'vitest'
import type { SignatureNamespace } from '../../../core/trust/namespaces.ts'
import { verifyContentSignature } from './verify-content-signature.ts'

test.each<[SignatureNamespace, string]>([
  ['chandler-version', 'extension export NAME@VERSION'],
  ['chandler-rollback', 'extension export NAME@VERSION'],
  ['chandler-agent', 'trust sign-agent'],
  ['chandler-trust', 'the bytes of the trust file'],
  ['chandler-plan', 'execution plan-bytes ID'],
])('a signature that is not valid for %s names what to sign, and for which namespace', (namespace, bytes) => {
  expect(() => verifyContentSignature('no signature', 'content', [namespace])).toThrow(
    expect.objectContaining({
      code: 'ContentSignatureInvalid',
      next: expect.stringMatching(new RegExp(`${bytes}.*-n ${namespace}\``)),
    }),
  )
})
