/**
 * Identifiers: a prefix that tells what is named, a hyphen, then a body.
 *
 * Ids of things people and agents create carry 80 random bits (the caller brings the bytes: core has no randomness).
 * Ids inside an execution are derived, so that deciding twice names the same thing twice:
 * `exec-X` has tasks `task-X-<ordinal>`, and a task has invocations `inv-X-<ordinal>-<attempt>`.
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

/** Base 32 without letters that read alike (no i, l, o, u), lower case, as Crockford has it. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Bytes to base 32, five bits a letter; 10 bytes give 16 letters. */
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
/** In the place of the execution that installed something: nobody did, somebody said so. */
export const makeRecordedStateId = (random: RandomBytes) => `told-${encodeIdBody(random(randomIdBytes))}` as ExecutionId
export const makeAccessKeyId = (random: RandomBytes) => `ak-${encodeIdBody(random(randomIdBytes))}` as AccessKeyId
export const makeJoinTokenId = (random: RandomBytes) => `token-${encodeIdBody(random(randomIdBytes))}`
export const makeUploadId = (random: RandomBytes) => `up-${encodeIdBody(random(randomIdBytes))}`
export const makePlanId = (random: RandomBytes) => `plan-${encodeIdBody(random(randomIdBytes))}`
export const makeServerId = (random: RandomBytes) => `server-${encodeIdBody(random(randomIdBytes))}` as ServerId

/** Derived: the same execution and ordinal always give the same task. Ordinals count from 1, in batch order. */
export const taskIdOf = (execution: ExecutionId, ordinal: number) =>
  `task-${execution.slice('exec-'.length)}-${ordinal}` as TaskId

/** Derived: the same task and attempt always give the same invocation. Attempts count from 1. */
export const invocationIdOf = (task: TaskId, attempt: number) =>
  `inv-${task.slice('task-'.length)}-${attempt}` as InvocationId
