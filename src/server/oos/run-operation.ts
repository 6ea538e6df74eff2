import { z } from 'zod'
import { type ChandlerError, chandlerError } from '../../core/error/errors.ts'
import { authoriseResource } from '../app/access/object-access.ts'
import { notPlanned } from './not-planned.ts'
import type { OosCall, OosOperation } from './operation.ts'
import { operations } from './operations.ts'

const byName = new Map(operations.map((operation) => [operation.name, operation]))

const whyNot = new Map(notPlanned.flatMap(({ operations: names, reason }) => names.map((name) => [name, reason])))

/** @throws ActionNotFound, ActionUnsupported */
export function findOperation(action: string): OosOperation {
  const operation = byName.get(action)
  if (operation) return operation
  const reason = whyNot.get(action)
  if (reason !== undefined) throw chandlerError('ActionUnsupported', { action, reason })
  throw chandlerError('ActionNotFound', { action })
}

/**
 * Validates, authorises and runs one operation.
 * @param parameters the operation's own; empty ones count as absent, as clients send them
 */
export async function runOperation(
  operation: OosOperation,
  call: OosCall,
  parameters: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, unknown>>> {
  const given = [...parameters].filter(([name, value]) => value !== '' && !isIgnored(operation, name))
  const checked = operation.parameters.safeParse(Object.fromEntries(given))
  if (!checked.success) throw explainIssue(checked.error.issues[0] as Issue)
  await authoriseAll(operation, call, operation.resources(checked.data))
  const answer = await operation.run(call, checked.data)
  if (!reads.test(operation.name)) announceLists(call)
  return answer
}

/**
 * Clients send these to operations that do not declare them. They name the language of a console,
 * or an account: here the access key determines the account.
 */
const ignored = new Set([
  'AcceptLanguage',
  'AccountId',
  'OwnerAccount',
  'OwnerId',
  'RdFolderIds',
  'ResourceOwnerAccount',
  'ResourceOwnerId',
])

const isIgnored = ({ parameters }: OosOperation, name: string): boolean =>
  ignored.has(name.replace(/\.\d{1,4}$/, '')) &&
  !(parameters instanceof z.ZodObject && Object.hasOwn(parameters.shape, name))

/** Prefixes of operations that change nothing. */
const reads = /^(Describe|Generate|Get|List|Validate)/

/** The operations here change templates and executions: clients that show them are notified. */
const announceLists = ({ context, actor: { accountId } }: OosCall) =>
  context.changed([`extensions/${accountId}`, `executions/${accountId}`])

/** An operation on no particular resource is authorised for `*`. */
async function authoriseAll(
  { name }: OosOperation,
  { context, actor }: OosCall,
  resources: readonly string[],
): Promise<void> {
  const action = `oos:${name}`
  for (const relative of resources.length > 0 ? resources : ['*']) {
    await authoriseResource(context, actor, action, relative, !relative.endsWith('/*'))
  }
}

interface Issue {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
  readonly input?: unknown
}

function explainIssue({ code, path, message, keys = [] }: Issue): ChandlerError {
  if (code === 'unrecognized_keys') {
    return chandlerError('RequestParameterInvalid', { name: String(keys[0]), reason: 'is not known to this operation' })
  }
  const name = String(path[0] ?? 'of this request')
  // Every parameter is text: another type means that it is absent.
  if (code === 'invalid_type' && path.length === 1) return chandlerError('RequestParameterMissing', { name })
  return chandlerError('RequestParameterInvalid', { name, reason: message })
}
