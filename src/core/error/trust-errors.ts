import type { ErrorEntry } from './error-entry.ts'

/** The part of the catalogue about signatures and trust files. */
export const trustErrors = {
  ContentSignatureInvalid: {
    status: 400,
    text: 'The signature is not valid: {reason}.',
    next: 'Sign the bytes that `chandler extension export NAME@VERSION` prints, with `ssh-keygen -Y sign -n chandler-version` (docs/security.md).',
  },
  ContentSignaturesTooMany: {
    status: 409,
    text: 'It has the limit of {max} signatures.',
    next: 'Use one of the keys that have signed it.',
  },
} as const satisfies Record<string, ErrorEntry>
