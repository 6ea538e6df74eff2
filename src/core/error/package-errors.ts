import type { ErrorEntry } from './error-entry.ts'

/** The part of the catalogue about buckets, objects, and versions that come as content. */
export const packageErrors = {
  UploadNotFound: {
    status: 404,
    text: 'There is no upload {id} in this account.',
    next: 'Begin it again with POST /api/v1/uploads: what nobody comes back to for a day is removed.',
  },
  UploadOffsetWrong: {
    status: 409,
    text: 'The upload {id} cannot go on at byte {offset}: {received} bytes of it are here.',
    next: 'Ask for its offset with GET /api/v1/uploads/{id}, and send what comes from there.',
  },
  UploadIncomplete: {
    status: 409,
    text: 'The upload {id} has {received} of {sizeBytes} bytes.',
    next: 'Send the rest first.',
  },
  UploadsTooMany: {
    status: 409,
    text: 'This account has {max} uploads that are not finished.',
    next: 'Finish or delete some of them; what nobody comes back to for a day is removed.',
  },
  BucketNotFound: {
    status: 404,
    text: 'There is no bucket "{bucket}" in this account.',
    next: 'Create it with `chandler bucket create {bucket}`, or see those there are with `chandler bucket list`.',
  },
  BucketNameTaken: {
    status: 409,
    text: 'This account already has a bucket named "{bucket}".',
    next: 'Use it, or choose another name.',
  },
  BucketReserved: {
    status: 409,
    text: 'The bucket "{bucket}" is built in: it holds every uploaded artifact and cannot be changed or listed.',
    next: 'Use a bucket of your own.',
  },
  BucketNotEmpty: {
    status: 409,
    text: 'The bucket "{bucket}" cannot be deleted: there are objects in it.',
    next: 'Delete them first; `chandler object list {bucket}` shows them.',
  },
  ObjectNotFound: {
    status: 404,
    text: 'There is no object "{key}" in the bucket "{bucket}".',
    next: 'Put it there with `chandler object put FILE {bucket}/{key}`; `chandler object list {bucket}` shows those there are.',
  },
  ObjectChanged: {
    status: 409,
    text: 'The object "{key}" of the bucket "{bucket}" has sha256 {actual}, not {expected}.',
    next: 'Leave the sha256 out to take the object as it is now, or put the expected file there again.',
  },
  TemplateContentInvalid: {
    status: 400,
    text: 'The template content is not well-formed: {problem}.',
    next: 'Correct it; docs/package-content.md says what a content holds.',
  },
  TemplateContentTooLarge: {
    status: 400,
    text: 'The template content is larger than {maxBytes} bytes.',
    next: 'Move files and long scripts into the package file.',
  },
  TemplateTypeUnsupported: {
    status: 400,
    text: 'Templates of format "{format}" cannot be created here: only packages can.',
    next: 'Use FormatVersion OOS-2019-06-01-Package; what executions do is said by the public templates.',
  },
  TagResourceTypeUnsupported: {
    status: 400,
    text: 'Resources of type "{type}" have no tags here.',
    next: 'Use template or execution.',
  },
} as const satisfies Record<string, ErrorEntry>
