import { accessErrors } from './access-errors.ts'
import type { ErrorEntry } from './error-entry.ts'
import { packageErrors } from './package-errors.ts'
import { rpcErrors } from './rpc-errors.ts'

/**
 * The one error catalogue of the product (design §9). Every answer that says "no" carries a code from here, to people, programs and logs alike.
 *
 * A line is: what is wrong (`text`) and what to do about it (`next`). `{word}` is filled in; its name becomes a typed, required
 * parameter of `chandlerError`. Names are a noun and what is wrong with it. Codes are never renamed once released.
 * After a change run `node scripts/write-error-docs.ts`.
 */
export const errorCatalogue = {
  ...accessErrors,
  ...packageErrors,
  ...rpcErrors,

  // ── extensions and versions ──
  ExtensionNotFound: {
    status: 404,
    text: 'There is no extension named "{name}" in this account.',
    next: 'See the names with `chandler extension list`.',
  },
  ExtensionInvalid: {
    status: 400,
    text: 'The extension is not well-formed: {problem}.',
    next: 'Correct what `details.problems` names; `chandler extension lint DIR` shows file and line.',
  },
  ExtensionNameInvalid: {
    status: 400,
    text: 'The extension name {reason}.',
    next: 'Use 1 to 200 letters, digits, hyphens and underscores.',
  },
  ExtensionNameReserved: {
    status: 400,
    text: 'The extension name {reason}.',
    next: 'Choose a name with another beginning.',
  },
  ExtensionNameTaken: {
    status: 409,
    text: 'This account already has an extension named "{name}".',
    next: 'Add a version to it with `chandler extension update DIR`, or choose another name.',
  },
  ExtensionInUse: {
    status: 409,
    text: 'Extension "{name}" cannot be deleted: {reason}.',
    next: 'Uninstall it there and let the executions end first, or force the deletion.',
  },
  VersionNotFound: {
    status: 404,
    text: 'Extension "{name}" has no version {version}.',
    next: 'See its versions with `chandler extension show {name}`.',
  },
  VersionInUse: {
    status: 409,
    text: 'Version {version} of extension "{name}" cannot be deleted: {reason}.',
    next: 'Uninstall it there and let the executions end first, or force the deletion.',
  },
  VersionDeprecated: {
    status: 409,
    text: 'Version {version} of extension "{name}" is deprecated: it can be uninstalled, but not newly installed.',
    next: 'Install another version.',
  },
  VersionNotApplicable: {
    status: 409,
    text: 'Version {version} of extension "{name}" cannot be what instance {id} has: {reason}.',
    next: 'Name a version that is for this instance.',
  },
  ConfigurationAmbiguous: {
    status: 400,
    text: 'Configurations {first} and {second} fit {example} equally well.',
    next: 'Narrow one of them by platform, version or architecture, or remove it.',
  },

  // ── artifacts ──
  ArtifactNotFound: {
    status: 404,
    text: 'There is no artifact {sha256}.',
    next: 'Upload the file first; `chandler extension create` and `update` do it for you.',
  },
  ArtifactEmpty: { status: 400, text: 'The artifact "{fileName}" is empty.', next: 'Give the package file itself.' },
  ArtifactTooLarge: {
    status: 413,
    text: 'The artifact is larger than {maxBytes} bytes.',
    next: 'Make the package smaller, or let the install script fetch the rest.',
  },
  ArtifactDigestMismatch: {
    status: 400,
    text: 'The bytes received have sha256 {actual}, not {expected}.',
    next: 'Try again; if it happens again, the file changes while it is read or the connection damages it.',
  },
  ArtifactUrlInvalid: {
    status: 403,
    text: 'The download address is not signed by this server.',
    next: 'Ask for a new address; addresses cannot be made or changed by hand.',
  },
  ArtifactUrlExpired: { status: 403, text: 'The download address has expired.', next: 'Ask for a new address.' },
  ArtifactRangeInvalid: {
    status: 416,
    text: 'The artifact has {sizeBytes} bytes; the range asked for is not within them.',
    next: 'Ask for one range of bytes within the artifact, or for all of it.',
  },

  // ── parameters ──
  ParameterInvalid: {
    status: 400,
    text: 'Parameter {name} {reason}.',
    next: 'Give a value that the declaration allows.',
  },
  ParameterMissing: {
    status: 400,
    text: 'Parameter {name} is missing and has no default.',
    next: 'Give it: `--param {name}=VALUE`.',
  },
  ParameterUnknown: {
    status: 400,
    text: 'Parameter {name} {reason}.',
    next: 'Leave it out, or correct its name; `chandler extension show` lists the declared ones.',
  },

  // ── targets, plan, rate control ──
  TargetsEmpty: {
    status: 400,
    text: 'The targets "{selector}" match no instance.',
    next: 'See what there is with `chandler instance list`.',
  },
  TargetsNotFound: {
    status: 400,
    text: 'These targets do not exist: {missing}.',
    next: 'Leave them out or correct them; see what there is with `chandler instance list`.',
  },
  ResourceGroupNotFound: {
    status: 404,
    text: 'Nothing in this account is in a resource group "{group}".',
    next: 'See the groups of instances with `chandler instance list -o json`, or put something into it with `--group {group}`.',
  },
  TargetsAmbiguous: {
    status: 400,
    text: 'Several instances have the same name: {matches}.',
    next: 'Name the one that is meant by its id (id:i-…), rename one, or remove a record whose server is gone with `chandler instance remove ID`.',
  },
  TargetsNotApproved: {
    status: 400,
    text: 'These instances wait for approval: {instances}.',
    next: 'Approve them with `chandler instance approve ID`, or leave them out.',
  },
  TargetsTooMany: {
    status: 400,
    text: 'The targets match {count} instances; one execution takes at most {max}.',
    next: 'Split them into several executions, by tag or by group.',
  },
  SelectorInvalid: {
    status: 400,
    text: 'The targets "{selector}" cannot be understood: {reason}.',
    next: 'Write all, id:i-1,i-2, name:a,b, tag:k=v[,k2=v2], group:NAME or, in the CLI, file:ids.csv.',
  },
  RateControlInvalid: {
    status: 400,
    text: 'Rate control: {field} {reason}.',
    next: 'Give a count such as 5 or a percentage such as 10%.',
  },

  // ── executions ──
  ExecutionNotFound: {
    status: 404,
    text: 'There is no execution {id} in this account.',
    next: 'See the ids with `chandler execution list`.',
  },
  ExecutionStateConflict: {
    status: 409,
    text: 'Execution {id} is {status}: it cannot be asked to {control} now.',
    next: 'Look at it with `chandler execution show {id}`.',
  },
  ExecutionRetryRunning: {
    status: 409,
    text: 'Execution {id} is being retried on the same instances: {retry} has not ended.',
    next: 'Wait for its end (`chandler execution show {retry}`), then retry what it leaves.',
  },
  PlanChanged: {
    status: 409,
    text: 'What would be done now is not what the plan {plan} shows ({difference}).',
    next: 'Plan again, look at what differs, and start with the digest of that plan.',
  },
  PlanNotFound: {
    status: 404,
    text: 'The plan {id} is not kept any more, or was made by another user.',
    next: 'Plan again: plans are kept for an hour, the last 20 of each user.',
  },
  TaskNotFound: {
    status: 404,
    text: 'Execution {id} has no task {task}.',
    next: 'See its tasks with `chandler execution show {id}`.',
  },
  TaskStateConflict: {
    status: 409,
    text: 'Task {task} is {status}: it cannot be asked to {control} now.',
    next: 'Failed tasks can be retried or skipped while their execution waits; what is pending or runs can be cancelled; in Debug mode it can be run.',
  },
  FailureNotFound: {
    status: 404,
    text: 'Execution {id} has no failures in a group {key}.',
    next: 'See its groups with `chandler execution failures {id}`.',
  },
  ExecutionNothingToRetry: {
    status: 409,
    text: 'Execution {id} has no failed and no unstarted target.',
    next: 'Start a new execution instead.',
  },
  ClientTokenReused: {
    status: 409,
    text: 'The client token was used for another request: it started {id}.',
    next: 'Use a new client token for a new request; repeat a request word for word to get its first answer again.',
  },

  // ── instances and agents ──
  InstanceNotFound: {
    status: 404,
    text: 'There is no instance {id} in this account.',
    next: 'See the ids with `chandler instance list`.',
  },
  InstanceAmbiguous: {
    status: 409,
    text: 'Two instances say that their cloud calls them {id}: {first} and {second}.',
    next: 'Name the one that is meant by its own id.',
  },
  InstanceBusy: {
    status: 409,
    text: 'Instance {id} has work in {execution}.',
    next: 'Wait for that execution to end, or cancel it.',
  },
  InstanceNotPending: {
    status: 409,
    text: 'Instance {id} does not wait for approval.',
    next: 'See its state with `chandler instance show {id}`.',
  },
  InstanceNotQuarantined: {
    status: 409,
    text: 'Instance {id} is not quarantined.',
    next: 'See its state with `chandler instance show {id}`.',
  },
  InstanceNameTaken: {
    status: 409,
    text: 'Another instance with the name "{name}" is online: {id}.',
    next: 'Enrol this server under another name (`--name`), or stop the agent of the other one or remove its instance first.',
  },
  TagNotAllowed: {
    status: 403,
    text: 'The join token does not allow the agent to set the tag "{key}".',
    next: 'Leave the tag out and set it on the server (`chandler instance tag`), or make a token with `chandler token create --allow-tag {key}` or `--tag {key}=VALUE`.',
  },
  TagsInvalid: {
    status: 400,
    text: 'The tags are not well-formed: {reason}.',
    next: 'Give at most 32 tags, keys of 1 to 128 letters and values of up to 128.',
  },
  JoinTokenNotFound: {
    status: 404,
    text: 'There is no join token {id} in this account.',
    next: 'See them with `chandler token list`.',
  },
  JoinTokenInvalid: {
    status: 401,
    text: 'The join token is not known to this server.',
    next: 'Make one with `chandler token create`.',
  },
  JoinTokenExpired: {
    status: 401,
    text: 'The join token expired at {expiredAt}.',
    next: 'Make a new one with `chandler token create --ttl 1h`.',
  },
  JoinTokenUsedUp: {
    status: 401,
    text: 'The join token has been used {uses} times, which is all it allows.',
    next: 'Make a new one with `chandler token create --uses N`.',
  },
  JoinTokenRevoked: {
    status: 401,
    text: 'The join token was revoked.',
    next: 'Make a new one with `chandler token create`.',
  },
  InstanceRemoved: {
    status: 403,
    text: 'The instance of this key was removed.',
    next: 'To have the server back, enrol it as a new instance: start the agent with a join token and an empty state folder.',
  },
  AgentProofInvalid: {
    status: 401,
    text: 'The signature does not prove that the agent holds the key of its instance.',
    next: 'Enrol this server as a new instance: a copied disk or id is not enough to act as another.',
  },
  AgentBundleUnavailable: {
    status: 404,
    text: 'This server cannot give out an agent for linux {arch}: {reason}.',
    next: 'Do what the reason names on the server, or run the agent from a copy of the project: `chandler agent`.',
  },
  ProtocolVersionUnsupported: {
    status: 400,
    text: 'The agent speaks protocol {version}; this server speaks {supported}.',
    next: 'Update whichever of the two is older.',
  },

  // ── who is asking ──
  Unauthenticated: {
    status: 401,
    text: 'The request does not say who is asking.',
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
    next: 'Use another one, or have it enabled again.',
  },
  AccessKeyExpired: {
    status: 401,
    text: 'The access key {id} expired at {expiredAt}.',
    next: 'Create another one with `chandler access-key create`.',
  },
  AccessKeyNotFound: {
    status: 404,
    text: 'There is no access key {id} in this account.',
    next: 'See the ids with GET /api/v1/access-keys.',
  },
  AccessKeyLast: {
    status: 409,
    text: 'The access key {id} is the last one of the administrator that is enabled: without it nobody could do everything.',
    next: 'Create another one first.',
  },
  AuthenticationThrottled: {
    status: 429,
    text: 'There were too many failed sign-ins from {source}.',
    next: 'Wait {seconds} seconds and check the password, access key or join token before trying again.',
  },

  // ── the service ──
  DeliveryUnsupported: {
    status: 400,
    text: '{field} can only be false: this server delivers nothing to {service}.',
    next: 'Leave it out; executions and their output are kept by the server itself.',
  },

  // ── the request itself ──
  RequestInvalid: { status: 400, text: 'The request is not valid: {reason}.', next: 'See the API reference at /docs.' },
  RequestHeadTooLarge: {
    status: 431,
    text: 'The address and the headers of the request are larger than {maxBytes} bytes.',
    next: 'Send less at once; parameters of the OOS API can be sent as a form, too.',
  },
  RequestTimedOut: {
    status: 408,
    text: 'The request did not arrive in time.',
    next: 'Try again; check what is between client and server.',
  },
  BodyInvalid: {
    status: 400,
    text: 'The request body is not valid JSON: {reason}.',
    next: 'Send well-formed JSON with content-type application/json.',
  },
  BodyTooLarge: {
    status: 413,
    text: 'The request body is larger than {maxBytes} bytes.',
    next: 'Send less at once; package files go to the artifact upload.',
  },
  BodyTooDeep: { status: 400, text: 'The request body is nested deeper than {maxDepth}.', next: 'Send flatter JSON.' },
  MediaTypeUnsupported: {
    status: 415,
    text: 'The content type "{contentType}" is not understood here.',
    next: 'Send application/json, or application/octet-stream for an artifact.',
  },
  NotFound: { status: 404, text: 'There is nothing at {path}.', next: 'See the API reference at /docs.' },

  // ── the server's own state ──
  Internal: {
    status: 500,
    text: 'Something went wrong inside the server (request {requestId}).',
    next: 'Look for the request id in the server log, and report it.',
  },
  DatabaseDiskFull: {
    status: 503,
    text: 'The disk of the database is full.',
    next: 'Make room on it (it is the disk of the data directory if PostgreSQL is embedded), and try again.',
  },
  DatabaseUnavailable: {
    status: 503,
    text: 'The database does not answer.',
    next: 'Try again; the server reconnects by itself. If it lasts, check the database and DATABASE_URL.',
  },
  ObjectStoreUnavailable: {
    status: 503,
    text: 'The object store does not answer.',
    next: 'Try again. If it lasts, check CHANDLER_OBJECTS and the free space of its disk.',
  },
  ObjectStoreFull: {
    status: 507,
    text: 'The object store has no space left.',
    next: 'Free space on the disk of CHANDLER_OBJECTS, or delete versions that are no longer used.',
  },
  ServerBusy: {
    status: 503,
    text: 'The server has as much to do as it takes on at once.',
    next: 'Try again in a few seconds.',
  },
  ServerStopping: {
    status: 503,
    text: 'The server is stopping.',
    next: 'Try again; another server, or this one after its restart, will answer.',
  },
  SchemaTooNew: {
    status: 500,
    text: 'The database has schema {found}; this program knows schemas up to {known}.',
    next: 'Start the program version that made the schema, or a newer one.',
  },
  SchemaChanged: {
    status: 500,
    text: 'The database was made by another text of migration {name} than this program has.',
    next: 'Start the program version that made the schema; a released migration is never edited.',
  },
  AddressInUse: {
    status: 500,
    text: 'The address {address} is used by another program.',
    next: 'Stop that program, or choose another address with --listen HOST:PORT (port 0 takes any free one).',
  },

  // ── the client's side ──
  ServerUnreachable: {
    status: 503,
    text: 'The server at {url} cannot be reached: {reason}.',
    next: 'Check the address (CHANDLER_SERVER) and that the server runs.',
  },
  AnswerInvalid: {
    status: 502,
    text: 'What {url} answers is not what a Chandler server says: {reason}.',
    next: 'Check that the address is that of a Chandler server, and that it is not older or newer than this program.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue

type ParametersIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersIn<Rest>
  : never
type ErrorParameter<Code extends ErrorCode> = ParametersIn<(typeof errorCatalogue)[Code]['text' | 'next']>
/** The words a code's texts need; nothing for a code whose texts stand alone. */
export type ErrorParameters<Code extends ErrorCode> = Readonly<Record<ErrorParameter<Code>, string | number>>

/** An error from the catalogue; `message` says what is wrong, `next` what to do, `details` is for programs. */
export class ChandlerError extends Error {
  override readonly name = 'ChandlerError'
  readonly code: ErrorCode
  readonly status: number
  readonly next: string
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(
    error: { code: ErrorCode; message: string; next: string; details?: Readonly<Record<string, unknown>> | undefined },
    options?: { cause?: unknown },
  ) {
    super(error.message, options)
    this.code = error.code
    this.status = errorCatalogue[error.code].status
    this.next = error.next
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
  const words: Readonly<Record<string, string | number>> = parameters
  return new ChandlerError({ code, message: fill(text, words), next: fill(next, words), details }, options)
}

/** Whether a text (from a problem document, say) is a code of this catalogue. */
export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorCatalogue, text)

const fill = (template: string, words: Readonly<Record<string, string | number>>) =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => printable(words[name] ?? ''))

const maxWordLength = 300

function printable(word: string | number): string {
  const line = String(word).replaceAll(/\p{Cc}+/gu, ' ')
  return line.length > maxWordLength ? `${line.slice(0, maxWordLength)}…` : line
}
