import type { GrantedPolicy } from '../../core/access/evaluate-policies.ts'
import type { AccessKeyId, AccountId, ExecutionId, InstanceId, RandomBytes } from '../../core/id.ts'
import type { DeliveryResult } from '../../core/notification/decide-delivery.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Watch, WatchAll } from '../../lib/wake-hub.ts'
import type { ObjectStore } from '../../objects/object-store.ts'
import type { Database } from '../../store/database/database.ts'
import type { PasswordCost } from './access/hash-password.ts'
import type { AgentBundles } from './agent/agent-bundles.ts'

/**
 * The dependencies of use cases. Use cases are `(context, actor, input) -> result`: load, decide
 * (core), save in one transaction, poke.
 */
export interface AppContext {
  readonly database: Database
  readonly objects: ObjectStore
  readonly secrets: SecretBox
  readonly digests: SecretDigests
  readonly clock: Clock
  readonly log: Logger
  readonly random: RandomBytes
  /** The cost of hashing a password; absent: the default. Tests of other features set a low one. */
  readonly passwordCost?: PasswordCost | undefined
  readonly region: string
  /** The account's name in resource names and in responses; absent: its own id. */
  readonly accountName?: string | undefined
  /** Wakes the dispatcher for these executions; may be lost without harm. */
  readonly poke: (executionIds: readonly ExecutionId[]) => void
  /** Wakes the agents of these instances, here and on other replicas; may be lost without harm. */
  readonly nudge: (instanceIds: readonly InstanceId[]) => void
  /**
   * Notifies watchers (event streams here and on other replicas) of changes; may be lost without
   * harm.
   */
  readonly changed: (what: readonly Changed[]) => void
  /**
   * Closes the connections of these instances, here and on other replicas, because they were
   * removed.
   */
  readonly disconnect: (instanceIds: readonly InstanceId[]) => void
  /**
   * Requests a new hello from the agents of these instances, here and on other replicas, because
   * their last one was not reconciled.
   */
  readonly reconnect: (instanceIds: readonly InstanceId[]) => void
  /** Starts the boot profiles of instances that have connected; may be lost without harm. */
  readonly wakeBoots: () => void
  /**
   * A signed URL from which an agent downloads an artifact; relative to the server unless the
   * object store serves it itself.
   */
  readonly artifactUrl: (sha256: string, fileName: string) => Promise<string>
  /** Interval at which agents check installed extensions, in ms; undefined: they do not. */
  readonly driftCheckMs?: number | undefined
  readonly agentBundles: AgentBundles
  /** A signed URL of this server, relative, from which an agent downloads a bundle. */
  readonly agentBundleUrl: (sha256: string, fileName: string) => string
  /** Absent: the server has no mail server. */
  readonly sendMail?: SendMail | undefined
  /** Absent in tests of other features. */
  readonly measurements?: Measurements | undefined
}

/** Sends a plain text message to all addresses. Never throws. */
export type SendMail = (message: {
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
}) => Promise<DeliveryResult>

/** Receives measurements of a running server. Durations are in seconds. */
export interface Measurements {
  /** From queueing a task for its instance to its first output in the database. */
  firstOutput(seconds: number): void
  /** From receiving a report of an agent to its commit. */
  reportStored(seconds: number): void
  /** An attempt to authenticate with wrong credentials. */
  authenticationFailed(kind: CredentialKind): void
  /** An order of a certificate at a CA. */
  certificateOrderFailed(): void
}

/** What a client authenticates with. */
export type CredentialKind = 'password' | 'access_key' | 'token'

/** An execution, or a list of an account without naming the changed row. */
export type Changed = ExecutionId | `${ListName}/${AccountId}`

/** Lists whose changes are announced. */
export type ListName = 'executions' | 'instances' | 'extensions'

/**
 * Watches every change, here or on another replica; names up to `maxKeys` until they are taken.
 * There may be spurious wake-ups.
 */
export type WatchAllChanges = (maxKeys: number) => WatchAll

/**
 * Watches the changes of an execution, here or on another replica; misses none between two calls.
 * There may be spurious wake-ups.
 */
export type WatchExecution = (id: ExecutionId) => Watch

/**
 * Authenticated encryption of secrets in the database; `context` names the row that owns the
 * secret.
 */
export interface SecretBox {
  seal(plaintext: string | Buffer, context: string): Buffer
  open(sealed: Buffer, context: string): Buffer
}

/**
 * Compares values that may be secret without storing them. Equal texts have equal digests: 64 hex
 * digits.
 */
export interface SecretDigests {
  /** Cannot be computed without the server's secret key, so the text cannot be guessed from it. */
  of(text: string): string
  /**
   * Converts the plain SHA-256 of a text to the digest that `of` returns for the text. A digest
   * made by `of` is returned unchanged.
   */
  rekey(digest: string): string
}

/** The authenticated caller: the account, the origin of the request, and the permissions. */
export interface Actor {
  readonly accountId: AccountId
  readonly name: string
  /** Remote address, or the name of the acting part of the server. */
  readonly source: string
  /**
   * The policies of the user; `everything` is the account's administrator, who has no
   * restrictions.
   */
  readonly policies: readonly GrantedPolicy[] | 'everything'
  /** Roles that the session has from an identity provider; absent: none. */
  readonly roles?: readonly string[] | undefined
  /** The request's access key; absent: a session, or the server itself. */
  readonly accessKeyId?: AccessKeyId | undefined
  /** Whether the request came over TLS. */
  readonly isSecure?: boolean | undefined
}
