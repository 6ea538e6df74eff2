import { decidePlan, findApproverRule } from '../../core/trust/decide-plan.ts'
import type { SecretDigest, StatedWork } from '../../core/trust/plan-statement.ts'
import { sha256Of } from '../../lib/digest.ts'
import { digestSecret } from '../../lib/digest-secret.ts'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'
import { planStatementSchema } from '../../protocol/version-statement.ts'
import type { CheckContext, Checked } from './check-context.ts'
import { findSigners } from './code-trust.ts'
import { parseStatement } from './parse-statement.ts'

/**
 * Requires the consent of approvers to an invocation, if the trust file has a rule for its kind.
 * @param checked what the instance will do
 * @param describe the same as a plan states it; secret values by their salted digests
 */
export function checkPlan(
  delivered: InvocationMessage,
  checked: InvocationMessage,
  { file, now, instanceId }: CheckContext,
  describe: (digestOf: SecretDigest, secret: readonly string[]) => StatedWork,
): Checked {
  const { executionId, signedPlan } = delivered
  const { salt = '', secret = [] } = signedPlan ?? {}
  const work = describe((name, value) => digestSecret(salt, name, value), secret)
  const rule = findApproverRule(file, work.kind)
  if (!rule) return { invocation: checked }
  const intended = { executionId, instanceId, work }
  if (!signedPlan) {
    const refusal = decidePlan({ file, now, signers: [] }, rule, intended, undefined, sha256Of)
    return refusal ? { refusal } : { invocation: checked }
  }
  const { canonical, signatures, work: entry, proof } = signedPlan
  const parsed = parseStatement(canonical, planStatementSchema, executionId)
  if ('refusal' in parsed) return parsed
  const statement = { ...parsed.value, expiresAt: Date.parse(parsed.value.expires) }
  const signers = findSigners(canonical, signatures)
  const refusal = decidePlan({ file, now, signers }, rule, intended, { statement, entry, proof }, sha256Of)
  if (refusal) return { refusal }
  return {
    invocation: checked,
    plan: { key: `${sha256Of(canonical)} ${entry}`, expiresAt: statement.expiresAt },
  }
}
