import type { ErrorEntry } from './error-entry.ts'

/** The part of the catalogue that only calls of the OOS API return: signatures and text parameters. */
export const rpcErrors = {
  AccessKeyUnknown: {
    status: 401,
    text: 'Access key {id} does not exist.',
    next: 'Check the access key id; `chandler access-key list` lists the access keys.',
  },
  SignatureInvalid: {
    status: 401,
    text: 'The signature does not match the request and the access key: {reason}.',
    next: 'Check the access key secret, and make sure that no proxy changes the host, the query or the body.',
  },
  SignatureMethodUnsupported: {
    status: 400,
    text: 'The signature method "{method}" is not supported.',
    next: 'Use HMAC-SHA1 or HMAC-SHA256 with SignatureVersion 1.0, or ACS3-HMAC-SHA256.',
  },
  SignatureTimeInvalid: {
    status: 400,
    text: 'The timestamp of the request, "{time}", is invalid.',
    next: 'Use UTC in the format YYYY-MM-DDThh:mm:ssZ.',
  },
  SignatureExpired: {
    status: 400,
    text: 'The timestamp of the request, {time}, differs from the server time, {now}, by more than {minutes} minutes.',
    next: 'Synchronize the clocks of client and server.',
  },
  SignatureNonceUsed: {
    status: 400,
    text: 'The nonce of the request was already used.',
    next: 'Use a unique nonce for every request.',
  },
  SecurityTokenUnsupported: {
    status: 400,
    text: 'The request contains a security token; this server does not support security tokens.',
    next: 'Use an access key without a security token.',
  },

  RequestParameterMissing: {
    status: 400,
    text: 'The request parameter {name} is missing.',
    next: 'Add it to the query or the form.',
  },
  RequestParameterInvalid: {
    status: 400,
    text: 'The request parameter {name} {reason}.',
    next: 'Correct it; docs/oos-compatibility.md describes the differences from OOS.',
  },
  ActionNotFound: {
    status: 404,
    text: 'The operation "{action}" does not exist.',
    next: 'See the supported operations in docs/oos-compatibility.md.',
  },
  ActionUnsupported: {
    status: 404,
    text: 'This server does not support the operation {action}: {reason}.',
    next: 'See the supported operations in docs/oos-compatibility.md.',
  },
  TemplateNotFound: {
    status: 404,
    text: 'Template "{name}" does not exist or cannot be started.',
    next: 'List the public templates with ListTemplates; to install an extension, start ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL.',
  },
  TemplateUnsupported: {
    status: 400,
    text: 'Custom templates cannot be executed: {reason}.',
    next: 'Start one of the public templates.',
  },
  ApiVersionUnsupported: {
    status: 400,
    text: 'The API version "{version}" is not supported.',
    next: 'Use version 2019-06-01 of OOS.',
  },
} as const satisfies Record<string, ErrorEntry>
