import type { ErrorEntry } from './error-entry.ts'

/** Errors of the object store; part of the catalogue. */
export const storeErrors = {
  ObjectStoreUnavailable: {
    status: 503,
    text: 'The object store is unavailable.',
    next: 'Try again. If the error persists, check CHANDLER_OBJECTS, and the disk or the network of the store.',
  },
  ObjectStoreRefused: {
    status: 500,
    text: 'The object store refuses the request of the server ({code}).',
    next: 'Check the credentials of the server, their permissions, and the bucket of CHANDLER_OBJECTS. Trying again does not help before.',
  },
  ObjectStoreFull: {
    status: 507,
    text: 'The object store has no space left.',
    next: 'Free space on the disk of CHANDLER_OBJECTS, raise the quota of its bucket, or delete versions that are no longer used.',
  },
} as const satisfies Record<string, ErrorEntry>
