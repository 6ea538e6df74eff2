import type { ErrorEntry } from './error-entry.ts'

/** The part of the catalogue that only a call of the OOS API can meet: its signature, and parameters that travel as text. */
export const rpcErrors = {
  AccessKeyUnknown: {
    status: 401,
    text: 'There is no access key {id}.',
    next: 'Check the access key id; `chandler access-key list` shows those there are.',
  },
  SignatureInvalid: {
    status: 401,
    text: 'The signature does not belong to this request and this access key: {reason}.',
    next: 'Check the access key secret, and that nothing between client and server changes the host, the query or the body.',
  },
  SignatureMethodUnsupported: {
    status: 400,
    text: 'Requests are not signed with "{method}" here.',
    next: 'Use HMAC-SHA1 or HMAC-SHA256 with SignatureVersion 1.0, or ACS3-HMAC-SHA256.',
  },
  SignatureTimeInvalid: {
    status: 400,
    text: 'The time of the request, "{time}", cannot be read.',
    next: 'Write it in UTC as YYYY-MM-DDThh:mm:ssZ.',
  },
  SignatureExpired: {
    status: 400,
    text: 'The time of the request, {time}, is more than {minutes} minutes from that of the server, {now}.',
    next: 'Set the clocks of client and server.',
  },
  SignatureNonceUsed: {
    status: 400,
    text: 'The nonce of the request was used before.',
    next: 'Sign every request with a nonce of its own.',
  },
  SecurityTokenUnsupported: {
    status: 400,
    text: 'The request carries a security token; this server knows none.',
    next: 'Use an access key without one.',
  },

  RequestParameterMissing: {
    status: 400,
    text: 'The request parameter {name} is missing.',
    next: 'Give it in the query or the form.',
  },
  RequestParameterInvalid: {
    status: 400,
    text: 'The request parameter {name} {reason}.',
    next: 'Correct it; docs/oos-compatibility.md says where this server differs from OOS.',
  },
  ActionNotFound: {
    status: 404,
    text: 'There is no operation "{action}".',
    next: 'See those there are in docs/oos-compatibility.md.',
  },
  ActionUnsupported: {
    status: 404,
    text: 'This server does not have the operation {action}: {reason}.',
    next: 'See those there are in docs/oos-compatibility.md.',
  },
  TemplateNotFound: {
    status: 404,
    text: 'There is no template "{name}" that could be started.',
    next: 'See the public templates with ListTemplates; an extension is installed by ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL.',
  },
  TemplateUnsupported: {
    status: 400,
    text: 'Templates of your own are not carried out here: {reason}.',
    next: 'Start one of the public templates by its name.',
  },
  ApiVersionUnsupported: {
    status: 400,
    text: 'The API version "{version}" is not known here.',
    next: 'Use version 2019-06-01 of OOS.',
  },
} as const satisfies Record<string, ErrorEntry>
