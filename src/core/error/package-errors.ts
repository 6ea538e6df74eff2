import type { ErrorEntry } from './error-entry.ts'

/** The part of the catalogue about buckets, objects, and versions that come as content. */
export const packageErrors = {
  UploadNotFound: {
    status: 404,
    text: 'Upload {id} does not exist in this account.',
    next: 'Start a new upload with POST /api/v1/uploads. The server deletes uploads that are idle for one day.',
  },
  UploadOffsetWrong: {
    status: 409,
    text: 'Upload {id} cannot continue at byte {offset}: the server has received {received} bytes.',
    next: 'Get its offset with GET /api/v1/uploads/{id} and continue from there.',
  },
  UploadIncomplete: {
    status: 409,
    text: 'Upload {id} is incomplete: {received} of {sizeBytes} bytes received.',
    next: 'Upload the remaining bytes first.',
  },
  UploadsTooMany: {
    status: 409,
    text: 'This account has reached the limit of {max} unfinished uploads.',
    next: 'Finish or delete some of them. The server deletes uploads that are idle for one day.',
  },
  BucketNotFound: {
    status: 404,
    text: 'Bucket "{bucket}" does not exist in this account.',
    next: 'Create it with `chandler bucket create {bucket}`, or list the buckets with `chandler bucket list`.',
  },
  BucketNameTaken: {
    status: 409,
    text: 'This account already has a bucket named "{bucket}".',
    next: 'Use it, or choose another name.',
  },
  BucketReserved: {
    status: 409,
    text: 'The bucket "{bucket}" is built in: it contains every uploaded artifact and cannot be changed or listed.',
    next: 'Use another bucket.',
  },
  BucketNotEmpty: {
    status: 409,
    text: 'The bucket "{bucket}" cannot be deleted: it is not empty.',
    next: 'Delete its objects first; `chandler object list {bucket}` lists them.',
  },
  ObjectNotFound: {
    status: 404,
    text: 'Object "{key}" does not exist in the bucket "{bucket}".',
    next: 'Upload it with `chandler object put FILE {bucket}/{key}`, or list the objects with `chandler object list {bucket}`.',
  },
  ObjectChanged: {
    status: 409,
    text: 'The object "{key}" of the bucket "{bucket}" has SHA-256 {actual}, expected {expected}.',
    next: 'Omit the SHA-256 to use the current object, or upload the expected file again.',
  },
  TemplateContentInvalid: {
    status: 400,
    text: 'The template content is invalid: {problem}.',
    next: 'Correct the content; docs/oos-compatibility.md describes the differences from OOS.',
  },
  TemplateContentTooLarge: {
    status: 400,
    text: 'The template content is larger than {maxBytes} bytes.',
    next: 'Move files and long scripts into the package file.',
  },
  TemplateTypeUnsupported: {
    status: 400,
    text: 'Templates of format "{format}" are not supported; only packages can be created.',
    next: 'Use FormatVersion OOS-2019-06-01-Package, and start executions with the public templates.',
  },
  TagResourceTypeUnsupported: {
    status: 400,
    text: 'Resources of type "{type}" do not support tags.',
    next: 'Use template or execution.',
  },
} as const satisfies Record<string, ErrorEntry>
