/**
 * Identifiers: a prefix for the kind of object, a hyphen, then a body.
 *
 * Ids of objects that users and agents create have 80 random bits (the caller passes the bytes:
 * core has no randomness). Ids inside an execution are derived, so that repeating a decision gives
 * the same ids: `exec-X` has tasks `task-X-<ordinal>`, and a task has invocations
 * `inv-X-<ordinal>-<attempt>`.
 */

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type AccountId = Branded<'account'>
export type AccessKeyId = Branded<'accessKey'>
export type ExtensionId = Branded<'extension'>
export type InstanceId = Branded<'instance'>
export type ExecutionId = Branded<'execution'>
export type TaskId = Branded<'task'>
export type InvocationId = Branded<'invocation'>
export type ServerId = Branded<'server'>

/** Crockford's base 32 in lower case, without ambiguous letters (no i, l, o, u). */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Encodes bytes in base 32, five bits per letter; 10 bytes give 16 letters. */
function encodeIdBody(bytes: Uint8Array): string {
  let bits = 0
  let value = 0
  let body = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      body += alphabet[(value >>> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? body + alphabet[(value << (5 - bits)) & 31] : body
}

const randomIdBytes = 10

export type RandomBytes = (size: number) => Uint8Array

export const makeExtensionId = (random: RandomBytes) => `ext-${encodeIdBody(random(randomIdBytes))}` as ExtensionId
export const makeInstanceId = (random: RandomBytes) => `i-${encodeIdBody(random(randomIdBytes))}` as InstanceId
export const makeExecutionId = (random: RandomBytes) => `exec-${encodeIdBody(random(randomIdBytes))}` as ExecutionId
/** Replaces the id of the installing execution for a state that a user declared. */
export const makeRecordedStateId = (random: RandomBytes) => `told-${encodeIdBody(random(randomIdBytes))}` as ExecutionId
export const makeAccessKeyId = (random: RandomBytes) => `ak-${encodeIdBody(random(randomIdBytes))}` as AccessKeyId
export const makeJoinTokenId = (random: RandomBytes) => `token-${encodeIdBody(random(randomIdBytes))}`
export const makeUploadId = (random: RandomBytes) => `up-${encodeIdBody(random(randomIdBytes))}`
export const makePlanId = (random: RandomBytes) => `plan-${encodeIdBody(random(randomIdBytes))}`
export const makeFreezeId = (random: RandomBytes) => `freeze-${encodeIdBody(random(randomIdBytes))}`
export const makeScheduleId = (random: RandomBytes) => `sched-${encodeIdBody(random(randomIdBytes))}`
export const makeWebhookId = (random: RandomBytes) => `hook-${encodeIdBody(random(randomIdBytes))}`
export const makeAssignmentId = (random: RandomBytes) => `assignment-${encodeIdBody(random(randomIdBytes))}`
export const makeSecretId = (random: RandomBytes) => `secret-${encodeIdBody(random(randomIdBytes))}`
export const makeServerId = (random: RandomBytes) => `server-${encodeIdBody(random(randomIdBytes))}` as ServerId

/**
 * Derived: the same execution and ordinal always give the same task. Ordinals count from 1, in
 * batch order.
 */
export const taskIdOf = (execution: ExecutionId, ordinal: number) =>
  `task-${execution.slice('exec-'.length)}-${ordinal}` as TaskId

/** Derived: the same task and attempt always give the same invocation. Attempts count from 1. */
export const invocationIdOf = (task: TaskId, attempt: number) =>
  `inv-${task.slice('task-'.length)}-${attempt}` as InvocationId
