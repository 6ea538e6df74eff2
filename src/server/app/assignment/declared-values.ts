import { chandlerError } from '../../../core/error/errors.ts'
import type { ParameterValue, ParameterValues } from '../../../core/extension/extension.ts'
import { findValueFault } from '../../../core/extension/parameter.ts'
import { isSecretReference } from '../../../core/extension/secret-reference.ts'
import { renderValueFault } from '../../../core/extension/value-fault.ts'
import {
  type DeclaredSubject,
  type DeclaredValuesRow,
  deleteDeclaredValues,
  listDeclaredValues,
  lockDeclaredValues,
  saveDeclaredValues,
} from '../../../store/assignment/declared-values.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import { getGroupRow } from '../../../store/instance/groups.ts'
import { authoriseObject } from '../access/object-access.ts'
import { authoriseSecrets, requireSecrets } from '../access/secret/secrets.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { getWantedVersion } from '../extension/list-versions.ts'
import { matchInstanceIds } from '../instance/get-instance.ts'

export type { DeclaredValuesRow }

/** Values for one subject, as a user writes them. An instance may be named by its cloud's id. */
export interface ValuesRequest extends DeclaredSubject {
  /** Null removes the value. */
  readonly values: Readonly<Record<string, ParameterValue | null>>
  /** Values that are not named are removed. */
  readonly replaces: boolean
}

/** By extension, scope and subject. */
export const readValues = ({ database }: AppContext, { accountId }: Actor): Promise<DeclaredValuesRow[]> =>
  listDeclaredValues(database, accountId)

/**
 * Declares values of an extension for a group, a tag or an instance; they have to be valid for the
 * latest version. Returns the values that the subject has now.
 * @throws ExtensionNotFound, GroupNotFound, InstanceNotFound, ValuesInvalid; AccessDenied if the
 *   actor may not start executions on the instance
 */
export async function declareValues(
  context: AppContext,
  actor: Actor,
  request: ValuesRequest,
): Promise<ParameterValues> {
  const { accountId } = actor
  const { extension, scope, replaces } = request
  const subject = await checkSubject(context, actor, request)
  await checkValues(context, actor, request)
  const where = { extension, scope, subject }
  const values = await context.database.transaction().execute(async (transaction) => {
    const known = await lockDeclaredValues(transaction, accountId, where)
    const merged = { ...(replaces ? {} : known?.values), ...request.values }
    const after = Object.fromEntries(
      Object.entries(merged).filter((entry): entry is [string, ParameterValue] => entry[1] !== null),
    )
    if (Object.keys(after).length === 0) await deleteDeclaredValues(transaction, accountId, where)
    else await saveDeclaredValues(transaction, accountId, { ...where, values: after, updatedBy: actor.name })
    const text = { scope, subject, before: known?.values ?? {}, after }
    await writeAudit(transaction, actor, 'DeclareValues', `value/${extension}`, text)
    return after
  })
  // Assignments are evaluated again.
  context.changed([`executions/${accountId}`])
  return values
}

async function checkSubject(
  context: AppContext,
  actor: Actor,
  { scope, subject, extension, values }: ValuesRequest,
): Promise<string> {
  const removesAll = Object.values(values).every((value) => value === null)
  switch (scope) {
    case 'group':
      // What a deleted group has left can be removed.
      if (!removesAll && !(await getGroupRow(context.database, actor.accountId, subject)))
        throw chandlerError('GroupNotFound', { name: subject })
      return subject
    case 'tag':
      if (!/^[^=]{1,128}=.{0,256}$/s.test(subject))
        throw chandlerError('ValuesInvalid', { extension, reason: `"${subject}" is no tag such as env=prod` })
      return subject
    case 'instance': {
      const [found] = (await matchInstanceIds(context, actor, [subject])).get(subject) ?? []
      const id = found ?? subject
      await authoriseObject(context, actor, { action: 'oos:StartExecution', kind: 'instance', id })
      if (found === undefined && !removesAll) throw chandlerError('InstanceNotFound', { id })
      return id
    }
  }
}

async function checkValues(context: AppContext, actor: Actor, { extension, values }: ValuesRequest): Promise<void> {
  const given = Object.entries(values).filter((entry): entry is [string, ParameterValue] => entry[1] !== null)
  if (given.length === 0) return
  authoriseSecrets(context, actor, Object.fromEntries(given))
  if (!(await getExtensionByName(context.database, actor.accountId, extension)))
    throw chandlerError('ExtensionNotFound', { name: extension })
  const { parameters } = await getWantedVersion(context, actor, extension, undefined)
  const refuse = (reason: string) => chandlerError('ValuesInvalid', { extension, reason })
  for (const [name, value] of given) {
    const declaration = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (!declaration) throw refuse(`its latest version has no parameter ${name}`)
    if (declaration.noEcho && !isSecretReference(value))
      throw refuse(
        `parameter ${name} is secret, and values of groups, tags and instances are visible: use a reference such as secret:NAME`,
      )
    const fault = findValueFault(declaration, value)
    if (fault) throw refuse(`parameter ${name} ${renderValueFault(fault)}`)
  }
  await requireSecrets(context.database, actor, Object.fromEntries(given))
}
