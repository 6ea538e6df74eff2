import { builtInPolicies } from '../../../../core/access/built-in-policies.ts'
import { parsePolicy } from '../../../../core/access/parse-policy.ts'
import { chandlerError } from '../../../../core/error/errors.ts'
import { insertPolicy } from '../../../../store/access/policies.ts'
import type { Actor, AppContext } from '../../context.ts'
import { writeAudit } from '../write-audit.ts'
import { getPolicy, type PolicyRecord } from './list-policies.ts'

/** Whether a name belongs to a built-in policy. */
export const isBuiltInPolicy = (name: string) => builtInPolicies.some((policy) => policy.name === name)

/** @throws PolicyInvalid, PolicyNameTaken */
export function createPolicy(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  policy: { readonly name: string; readonly description: string; readonly document: unknown },
): Promise<PolicyRecord> {
  const { name } = policy
  refuseInvalidPolicy(policy.document)
  return database.transaction().execute(async (transaction) => {
    const row = { ...policy, createdAt: new Date(clock.now()) }
    if (isBuiltInPolicy(name) || !(await insertPolicy(transaction, actor.accountId, row)))
      throw chandlerError('PolicyNameTaken', { name })
    await writeAudit(transaction, actor, 'CreatePolicy', `policy/${name}`, { document: policy.document })
    return getPolicy(transaction, actor, name)
  })
}

/**
 * @throws PolicyInvalid with every mistake
 */
export function refuseInvalidPolicy(document: unknown): void {
  const parsed = parsePolicy(document)
  if ('document' in parsed) return
  const { problems } = parsed
  throw chandlerError(
    'PolicyInvalid',
    { problem: problems.join('; ') },
    { problems: problems.map((message) => ({ path: 'document', message })) },
  )
}
