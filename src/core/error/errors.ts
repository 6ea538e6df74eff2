import { accessErrors } from './access-errors.ts'
import { assignmentErrors } from './assignment-errors.ts'
import type { ErrorEntry } from './error-entry.ts'
import { executionErrors } from './execution-errors.ts'
import { notificationErrors } from './notification-errors.ts'
import { packageErrors } from './package-errors.ts'
import { rpcErrors } from './rpc-errors.ts'
import { storeErrors } from './store-errors.ts'
import { trustErrors } from './trust-errors.ts'

/**
 * The one error catalogue of the product (design §9). Every answer that says "no" carries a code from here, to people, programs and logs alike.
 *
 * A line is: what is wrong (`text`) and what to do about it (`next`). `{word}` is filled in; its name becomes a typed, required
 * parameter of `chandlerError`. Names are a noun and what is wrong with it. Codes are never renamed once released.
 * After a change run `node scripts/write-error-docs.ts`.
 */
export const errorCatalogue = {
  ...accessErrors,
  ...assignmentErrors,
  ...executionErrors,
  ...notificationErrors,
  ...packageErrors,
  ...rpcErrors,
  ...storeErrors,
  ...trustErrors,

  // ── extensions and versions ──
  ExtensionNotFound: {
    status: 404,
    text: 'Extension "{name}" does not exist in this account.',
    next: 'List the names with `chandler extension list`.',
  },
  ExtensionInvalid: {
    status: 400,
    text: 'The extension is invalid: {problem}.',
    next: 'Correct the errors listed in `details.problems`; `chandler extension lint DIR` shows file and line.',
  },
  ExtensionNameInvalid: {
    status: 400,
    text: 'The extension name {reason}.',
    next: 'Use 1 to 200 letters, digits, hyphens and underscores.',
  },
  ExtensionNameReserved: {
    status: 400,
    text: 'The extension name {reason}.',
    next: 'Choose a name with a different prefix.',
  },
  ExtensionNameTaken: {
    status: 409,
    text: 'This account already has an extension named "{name}".',
    next: 'Add a version to it with `chandler extension update DIR`, or choose another name.',
  },
  ExtensionInUse: {
    status: 409,
    text: 'Extension "{name}" cannot be deleted: {reason}.',
    next: 'Uninstall it and wait for the executions to end, or force the deletion.',
  },
  VersionNotFound: {
    status: 404,
    text: 'Extension "{name}" has no version {version}.',
    next: 'List its versions with `chandler extension show {name}`.',
  },
  VersionInUse: {
    status: 409,
    text: 'Version {version} of extension "{name}" cannot be deleted: {reason}.',
    next: 'Uninstall it and wait for the executions to end, or force the deletion.',
  },
  VersionDeprecated: {
    status: 409,
    text: 'Version {version} of extension "{name}" is deprecated: it can be uninstalled, but not installed.',
    next: 'Install another version.',
  },
  VersionNotApplicable: {
    status: 409,
    text: 'Version {version} of extension "{name}" cannot be recorded as installed on instance {id}: {reason}.',
    next: 'Specify a version whose scope includes this instance.',
  },
  ConfigurationAmbiguous: {
    status: 400,
    text: 'Configurations {first} and {second} both match {example} with the same priority.',
    next: 'Restrict one of them by platform, version or architecture, or remove it.',
  },

  // ── artifacts ──
  ArtifactNotFound: {
    status: 404,
    text: 'Artifact {sha256} does not exist.',
    next: 'Upload the file first; `chandler extension create` and `update` upload it automatically.',
  },
  ArtifactEmpty: { status: 400, text: 'The artifact "{fileName}" is empty.', next: 'Upload the package file itself.' },
  ArtifactTooLarge: {
    status: 413,
    text: 'The artifact is larger than {maxBytes} bytes.',
    next: 'Reduce the size of the package, or download large files in the install script.',
  },
  ArtifactDigestMismatch: {
    status: 400,
    text: 'The received data has SHA-256 {actual}, expected {expected}.',
    next: 'Try again. If the error persists, the file changes during the upload or the connection corrupts data.',
  },
  ArtifactUrlInvalid: {
    status: 403,
    text: 'The download URL has no valid signature of this server.',
    next: 'Request a new URL; download URLs cannot be edited.',
  },
  ArtifactUrlExpired: { status: 403, text: 'The download URL has expired.', next: 'Request a new URL.' },
  ArtifactRangeInvalid: {
    status: 416,
    text: 'The artifact has {sizeBytes} bytes; the requested range is outside of it.',
    next: 'Request one byte range within the artifact, or the whole artifact.',
  },

  // ── parameters ──
  ParameterInvalid: {
    status: 400,
    text: 'Parameter {name} {reason}.',
    next: 'Use a value that the parameter declaration allows.',
  },
  ParameterMissing: {
    status: 400,
    text: 'Parameter {name} is missing and has no default.',
    next: 'Set it with `--param {name}=VALUE`.',
  },
  ParameterUnknown: {
    status: 400,
    text: 'Parameter {name} {reason}.',
    next: 'Remove it or correct its name; `chandler extension show` lists the declared parameters.',
  },

  // ── targets, plan, rate control ──
  TargetsEmpty: {
    status: 400,
    text: 'The targets "{selector}" match no instance.',
    next: 'List the instances with `chandler instance list`.',
  },
  TargetsNotFound: {
    status: 400,
    text: 'These targets do not exist: {missing}.',
    next: 'Remove or correct them; `chandler instance list` lists the instances.',
  },
  ResourceGroupNotFound: {
    status: 404,
    text: 'Resource group "{group}" does not exist in this account.',
    next: 'List the groups of instances with `chandler instance list -o json`, or add a resource to the group with `--group {group}`.',
  },
  TargetsAmbiguous: {
    status: 400,
    text: 'Several instances have the same name: {matches}.',
    next: 'Select the instance by its id (id:i-…), rename one of them, or remove an instance that no longer exists with `chandler instance remove ID`.',
  },
  TargetsNotApproved: {
    status: 400,
    text: 'These instances are waiting for approval: {instances}.',
    next: 'Approve them with `chandler instance approve ID`, or remove them from the targets.',
  },
  TargetsTooMany: {
    status: 400,
    text: 'The targets match {count} instances; the limit for an execution is {max}.',
    next: 'Split them into several executions, by tag or by group.',
  },
  SelectorInvalid: {
    status: 400,
    text: 'The target selector "{selector}" is invalid: {reason}.',
    next: 'Use all, id:i-1,i-2, name:a,b, tag:k=v[,k2=v2], group:NAME, resource-group:NAME, filter:CONDITIONS or, in the CLI, file:ids.csv.',
  },
  RateControlInvalid: {
    status: 400,
    text: 'Rate control is invalid: {field} {reason}.',
    next: 'Use a number such as 5 or a percentage such as 10%; batches can also be group:NAME.',
  },

  // ── instances and agents ──
  InstanceNotFound: {
    status: 404,
    text: 'Instance {id} does not exist in this account.',
    next: 'List the ids with `chandler instance list`.',
  },
  InstanceAmbiguous: {
    status: 409,
    text: 'Two instances report the cloud instance id {id}: {first} and {second}.',
    next: 'Use the Chandler id of the instance.',
  },
  InstanceBusy: {
    status: 409,
    text: 'Instance {id} is in use by {execution}.',
    next: 'Wait until the execution ends, or cancel it.',
  },
  InstanceNotPending: {
    status: 409,
    text: 'Instance {id} is not waiting for approval.',
    next: 'Check its state with `chandler instance show {id}`.',
  },
  InstanceNotQuarantined: {
    status: 409,
    text: 'Instance {id} is not quarantined.',
    next: 'Check its state with `chandler instance show {id}`.',
  },
  InstanceNameTaken: {
    status: 409,
    text: 'Instance {id} with the name "{name}" is online.',
    next: 'Enrol this machine with another name (`--name`), or stop the agent of the other instance or remove that instance first.',
  },
  TagNotAllowed: {
    status: 403,
    text: 'The join token does not allow the agent to set the tag "{key}".',
    next: 'Remove the tag and set it on the server (`chandler instance tag`), or create a token with `chandler token create --allow-tag {key}` or `--tag {key}=VALUE`.',
  },
  TagsInvalid: {
    status: 400,
    text: 'The tags are invalid: {reason}.',
    next: 'Use at most 32 tags, with keys of 1 to 128 characters and values of up to 128 characters.',
  },
  JoinTokenNotFound: {
    status: 404,
    text: 'Join token {id} does not exist in this account.',
    next: 'List the join tokens with `chandler token list`.',
  },
  JoinTokenInvalid: {
    status: 401,
    text: 'The join token is invalid.',
    next: 'Create a token with `chandler token create`.',
  },
  JoinTokenExpired: {
    status: 401,
    text: 'The join token expired at {expiredAt}.',
    next: 'Create a new token with `chandler token create --ttl 1h`.',
  },
  JoinTokenUsedUp: {
    status: 401,
    text: 'The join token has reached its limit of {uses} uses.',
    next: 'Create a new token with `chandler token create --uses N`.',
  },
  JoinTokenRevoked: {
    status: 401,
    text: 'The join token was revoked.',
    next: 'Create a new token with `chandler token create`.',
  },
  InstanceRemoved: {
    status: 403,
    text: 'The instance with this key was removed.',
    next: 'To add the machine again, enrol it as a new instance: start the agent with a join token and an empty state directory.',
  },
  AgentProofInvalid: {
    status: 401,
    text: 'The signature of the agent does not match the key of its instance.',
    next: 'Enrol this machine as a new instance. A cloned disk or copied id is not a valid identity.',
  },
  AgentBundleUnavailable: {
    status: 404,
    text: 'This server cannot provide an agent for {os} {arch}: {reason}.',
    next: 'Fix the cause on the server, or run the agent from a checkout of the project with `chandler agent`.',
  },
  ProtocolVersionUnsupported: {
    status: 400,
    text: 'The agent uses protocol version {version}; this server supports {supported}.',
    next: 'Upgrade the agent or the server, whichever is older.',
  },

  // ── authentication ──
  Unauthenticated: {
    status: 401,
    text: 'The request has no credentials.',
    next: 'Send an access key with HTTP Basic, or run `chandler login`.',
  },
  AccessKeyInvalid: {
    status: 401,
    text: 'The access key id is unknown or its secret is wrong.',
    next: 'Check CHANDLER_ACCESS_KEY_ID and CHANDLER_ACCESS_KEY_SECRET, or run `chandler login` again.',
  },
  AccessKeyDisabled: {
    status: 401,
    text: 'The access key {id} is disabled.',
    next: 'Use another access key, or enable this one with `chandler access-key enable {id}`.',
  },
  AccessKeyExpired: {
    status: 401,
    text: 'The access key {id} expired at {expiredAt}.',
    next: 'Create a new one with `chandler access-key create`.',
  },
  AccessKeyNotFound: {
    status: 404,
    text: 'Access key {id} does not exist in this account.',
    next: 'List the ids with `chandler access-key list`.',
  },
  AccessKeyLast: {
    status: 409,
    text: 'The access key {id} is the last enabled one of `admin`; the account must keep one enabled administrator key.',
    next: 'Create another one first.',
  },
  AuthenticationThrottled: {
    status: 429,
    text: 'Too many failed sign-ins from {source}.',
    next: 'Check the password, access key or join token, and try again in {seconds} seconds.',
  },

  // ── the service ──
  DeliveryUnsupported: {
    status: 400,
    text: '{field} must be false: this server does not support delivery to {service}.',
    next: 'Remove it. The server stores executions and their output itself.',
  },

  // ── the request itself ──
  RequestInvalid: { status: 400, text: 'The request is invalid: {reason}.', next: 'See the API reference at /docs.' },
  RequestHeadTooLarge: {
    status: 431,
    text: 'The URL and the headers of the request exceed {maxBytes} bytes.',
    next: 'Send a smaller request. Parameters of the OOS API can be sent in a form body.',
  },
  RequestTimedOut: {
    status: 408,
    text: 'The request timed out.',
    next: 'Try again. If the error persists, check the network and the proxies between client and server.',
  },
  BodyInvalid: {
    status: 400,
    text: 'The request body is not valid JSON: {reason}.',
    next: 'Send well-formed JSON with content-type application/json.',
  },
  BodyTooLarge: {
    status: 413,
    text: 'The request body is larger than {maxBytes} bytes.',
    next: 'Send a smaller request. Use the artifact upload for package files.',
  },
  BodyTooDeep: {
    status: 400,
    text: 'The request body is nested deeper than {maxDepth} levels.',
    next: 'Send JSON with fewer levels.',
  },
  MediaTypeUnsupported: {
    status: 415,
    text: 'The content type "{contentType}" is not supported.',
    next: 'Send application/json, or application/octet-stream for an artifact.',
  },
  NotFound: { status: 404, text: 'The path {path} does not exist.', next: 'See the API reference at /docs.' },

  // ── the server's own state ──
  Internal: {
    status: 500,
    text: 'An internal error occurred (request {requestId}).',
    next: 'Find the request id in the server log and report the error.',
  },
  DatabaseDiskFull: {
    status: 503,
    text: 'The disk of the database is full.',
    next: 'Free disk space and try again. The embedded PostgreSQL uses the disk of the data directory.',
  },
  DatabaseUnavailable: {
    status: 503,
    text: 'The database is unavailable.',
    next: 'Try again; the server reconnects automatically. If the error persists, check the database and DATABASE_URL.',
  },
  ServerBusy: {
    status: 503,
    text: 'The server is overloaded.',
    next: 'Try again in a few seconds.',
  },
  ServerStopping: {
    status: 503,
    text: 'The server is stopping.',
    next: 'Try again in a few seconds.',
  },
  SchemaTooNew: {
    status: 500,
    text: 'The database has schema version {found}; this program supports versions up to {known}.',
    next: 'Start the version that created the schema, or a newer one. To return to an earlier version, restore the backup from before the upgrade.',
  },
  RekeyUnfinished: {
    status: 500,
    text: 'The secret key of this database is being replaced: some secrets are encrypted with the old key, others with the new one.',
    next: 'Run "chandler server rekey" with the same options again; it continues.',
  },
  SchemaChanged: {
    status: 500,
    text: 'Migration {name} of the database differs from the migration of this program.',
    next: 'Start the program version that created the schema; released migrations must not be edited.',
  },
  AddressInUse: {
    status: 500,
    text: 'The address {address} is already in use.',
    next: 'Stop the other program, or use another address with --listen HOST:PORT (port 0 selects a free port).',
  },

  // ── the client's side ──
  ServerUnreachable: {
    status: 503,
    text: 'The server at {url} cannot be reached: {reason}.',
    next: 'Check the URL (CHANDLER_SERVER), and that the server is running.',
  },
  AnswerInvalid: {
    status: 502,
    text: 'The response of {url} is not from a Chandler server: {reason}.',
    next: 'Check that the URL is that of a Chandler server, and that its version is compatible with this program.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue

type ParametersIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersIn<Rest>
  : never
type ErrorParameter<Code extends ErrorCode> = ParametersIn<(typeof errorCatalogue)[Code]['text' | 'next']>
/** The words a code's texts need; nothing for a code whose texts stand alone. */
export type ErrorParameters<Code extends ErrorCode> = Readonly<Record<ErrorParameter<Code>, string | number>>

/** What is filled into the texts of an error, by name. */
export type ErrorArguments = Readonly<Record<string, string | number>>

/**
 * An error from the catalogue; `message` says what is wrong, `next` what to do, `details` is for programs, and `arguments` is
 * what a client needs to render the error in another language.
 */
export class ChandlerError extends Error {
  override readonly name = 'ChandlerError'
  readonly code: ErrorCode
  readonly status: number
  readonly next: string
  readonly arguments: ErrorArguments
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(
    error: {
      code: ErrorCode
      message: string
      next: string
      arguments: ErrorArguments
      details?: Readonly<Record<string, unknown>> | undefined
    },
    options?: { cause?: unknown },
  ) {
    super(error.message, options)
    this.code = error.code
    this.status = errorCatalogue[error.code].status
    this.next = error.next
    this.arguments = error.arguments
    this.details = error.details
  }
}

/**
 * Makes an error of the catalogue. What is filled in is cut at 300 characters and loses control characters, because it is often
 * what a peer sent; secrets must not be passed at all.
 */
export function chandlerError<Code extends ErrorCode>(
  code: Code,
  parameters: ErrorParameters<Code>,
  details?: Readonly<Record<string, unknown>>,
  options?: { cause?: unknown },
): ChandlerError {
  const { text, next } = errorCatalogue[code]
  const words: ErrorArguments = Object.fromEntries(
    Object.entries<string | number>(parameters).map(([name, word]) => [name, printable(word)]),
  )
  return new ChandlerError(
    { code, message: fillErrorText(text, words), next: fillErrorText(next, words), arguments: words, details },
    options,
  )
}

/** Whether a text (from a problem document, say) is a code of this catalogue. */
export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorCatalogue, text)

/** Replaces each `{word}` of a text by the argument of that name; what was filled in is not filled again. */
export const fillErrorText = (template: string, words: ErrorArguments): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(words[name] ?? ''))

const maxWordLength = 300

function printable(word: string | number): string | number {
  if (typeof word === 'number') return word
  const line = word.replaceAll(/\p{Cc}+/gu, ' ')
  return line.length > maxWordLength ? `${line.slice(0, maxWordLength)}…` : line
}
