import type { GrantedPolicy } from '../../core/access/evaluate-policies.ts'
import type { AccessKeyId, AccountId, ExecutionId, InstanceId, RandomBytes } from '../../core/id.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Watch, WatchAll } from '../../lib/wake-hub.ts'
import type { ObjectStore } from '../../objects/object-store.ts'
import type { Database } from '../../store/database/database.ts'
import type { PasswordCost } from './access/hash-password.ts'

/** What every use case may use. Use cases are `(context, actor, input) -> result`: load, decide (core), save in one transaction, poke. */
export interface AppContext {
  readonly database: Database
  readonly objects: ObjectStore
  readonly secrets: SecretBox
  readonly digests: SecretDigests
  readonly clock: Clock
  readonly log: Logger
  readonly random: RandomBytes
  /** The cost of hashing a password; absent: what protects a stolen database. Tests that are about something else set a low one. */
  readonly passwordCost?: PasswordCost | undefined
  readonly region: string
  /** What the account is called in names of resources and in answers; absent: its own id. */
  readonly accountName?: string | undefined
  /** Wakes the dispatcher for these executions; may be lost without harm. */
  readonly poke: (executionIds: readonly ExecutionId[]) => void
  /** Wakes the agents of these instances, here and on other replicas; may be lost without harm. */
  readonly nudge: (instanceIds: readonly InstanceId[]) => void
  /** Tells whoever watches (event streams here and on other replicas) what changed; may be lost without harm. */
  readonly changed: (what: readonly Changed[]) => void
  /** Lets go of the connections of these instances, here and on other replicas: they are not ours any more. */
  readonly disconnect: (instanceIds: readonly InstanceId[]) => void
  /** Has the agents of these instances say hello again, here and on other replicas: what they said before was not compared. */
  readonly reconnect: (instanceIds: readonly InstanceId[]) => void
  /** A signed address an agent fetches an artifact from; relative to the server unless the object store serves it itself. */
  readonly artifactUrl: (sha256: string, fileName: string) => Promise<string>
}

/** An execution, or something in a list of an account that nobody names. */
export type Changed = ExecutionId | `${ListName}/${AccountId}`
export type ListName = 'executions' | 'instances' | 'extensions'

/** Watches every change, here or on another replica; up to `maxKeys` are named until they are taken. Some wake-ups are false. */
export type WatchAllChanges = (maxKeys: number) => WatchAll

/** Watches the changes of an execution, here or on another replica; misses nothing between two calls. Some wake-ups are false. */
export type WatchExecution = (id: ExecutionId) => Watch

/** Authenticated encryption of what must not be readable in the database; `context` names the row it belongs to. */
export interface SecretBox {
  seal(plaintext: string | Buffer, context: string): Buffer
  open(sealed: Buffer, context: string): Buffer
}

/** Compares values that may be secret without storing them. Equal texts have equal digests: 64 hex digits. */
export interface SecretDigests {
  /** Cannot be computed, and so the text not be guessed, without the server's secret key. */
  of(text: string): string
  /** The digest that `of` gives for the text of this plain SHA-256. A digest that `of` made is returned as it is. */
  rekey(digest: string): string
}

/** Who asks, on behalf of which account, from where, and what they may do. */
export interface Actor {
  readonly accountId: AccountId
  readonly name: string
  /** Remote address, or the name of the part of the server that acts. */
  readonly source: string
  /** The policies of the user; `everything` is the administrator of the account, whom no policy binds. */
  readonly policies: readonly GrantedPolicy[] | 'everything'
  /** The access key that the request was made with; absent: a session, or the server itself. */
  readonly accessKeyId?: AccessKeyId | undefined
  /** Whether the request came over TLS. */
  readonly isSecure?: boolean | undefined
}
