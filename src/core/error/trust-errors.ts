import type { ErrorEntry } from './error-entry.ts'

/** The part of the catalogue about signatures and trust files. */
export const trustErrors = {
  ContentSignatureInvalid: {
    status: 400,
    text: 'The signature is not valid: {reason}.',
    next: 'Sign {bytes} with `ssh-keygen -Y sign -n {namespace}` (docs/security.md).',
  },
  ContentSignaturesTooMany: {
    status: 409,
    text: 'It has the limit of {max} signatures.',
    next: 'Use one of the keys that have signed it.',
  },
  PlanNotSignable: {
    status: 400,
    text: 'The plan cannot be signed: {reason}.',
    next: 'Start several executions with fewer targets each.',
  },
  PlanSignatureRefused: {
    status: 409,
    text: 'Execution {id} takes no signature: {reason}.',
    next: 'See `chandler execution signatures {id}`.',
  },
  TrustFileNotNewer: {
    status: 409,
    text: 'Version {version} of the trust file is not newer than the published version {newest}.',
    next: 'Increase the version in the file and sign it again.',
  },
  TrustFileInvalid: {
    status: 400,
    text: 'The trust file is not valid: {reason}.',
    next: 'See docs/security.md for its fields.',
  },
  TrustFileNotFound: {
    status: 404,
    text: 'No trust file was published.',
    next: 'Publish a successor of the trust file of the instances with `chandler trust update FILE`.',
  },
} as const satisfies Record<string, ErrorEntry>
