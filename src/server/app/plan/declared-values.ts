import type { DeclaredValues } from '../../../core/extension/declared-values.ts'
import type { AccountId, InstanceId } from '../../../core/id.ts'
import {
  type DeclaredValuesRow,
  listDeclaredValues,
  listTargetsThatMatch,
} from '../../../store/assignment/declared-values.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { PlanInput } from '../../../store/plan/plan-inputs.ts'
import { readGroupTokens } from '../instance/groups.ts'
import { type AppliedValues, type DeclaredValuesOf, nothingDeclared } from './parameter-sets.ts'

type Target = Pick<PlanInput, 'id' | 'tags'>

/** Loads the values that are declared for the targets, their tags and the groups that contain them. */
export async function readDeclaredValues(
  connection: Connection,
  accountId: AccountId,
  { inputs, extensions }: { readonly inputs: readonly Target[]; readonly extensions: readonly string[] },
): Promise<DeclaredValuesOf> {
  const rows = extensions.length === 0 ? [] : await listDeclaredValues(connection, accountId, extensions)
  if (rows.length === 0) return () => nothingDeclared
  const members = new Map<string, ReadonlySet<InstanceId>>()
  const ids = inputs.map(({ id }) => id)
  for (const { scope, subject } of rows) {
    if (scope !== 'group' || members.has(subject)) continue
    const tokens = await readGroupTokens(connection, accountId, subject)
    members.set(subject, await listTargetsThatMatch(connection, accountId, tokens, ids))
  }
  const targets = new Map(inputs.map((input) => [input.id, input]))
  const appliesTo = ({ scope, subject }: DeclaredValues, { id, tags }: Target): boolean => {
    if (scope === 'group') return members.get(subject)?.has(id) ?? false
    if (scope === 'instance') return subject === id
    const [key, value] = splitTag(subject)
    return Object.hasOwn(tags, key) && tags[key] === value
  }
  const numbered = rows.map((row, number) => ({ row, number }))
  return (extension, instanceId) => {
    const target = targets.get(instanceId)
    if (!target) return nothingDeclared
    const found = numbered.filter(({ row }) => row.extension === extension && appliesTo(row, target))
    return found.length === 0 ? nothingDeclared : describe(found)
  }
}

const describe = (found: readonly { readonly row: DeclaredValuesRow; readonly number: number }[]): AppliedValues => ({
  declared: found.map(({ row }) => row),
  key: found.map(({ number }) => number).join(','),
})

/** `KEY=VALUE`; keys contain no `=`. */
function splitTag(subject: string): readonly [key: string, value: string] {
  const at = subject.indexOf('=')
  return at === -1 ? [subject, ''] : [subject.slice(0, at), subject.slice(at + 1)]
}
