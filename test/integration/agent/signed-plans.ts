import { makePlanStatement } from '../../../src/core/trust/make-plan-statement.ts'
import type { StatedWork } from '../../../src/core/trust/plan-statement.ts'
import { canonicalJson } from '../../../src/lib/canonical-json.ts'
import { sha256Of } from '../../../src/lib/digest.ts'
import type { InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import { type SshKey, signBytes } from './signed-versions.ts'

type SignedPlan = NonNullable<InvocationMessage['signedPlan']>

export interface PlanDetails {
  readonly execution?: string
  readonly expires?: string
  readonly instances?: readonly string[]
  readonly salt?: string
  readonly secret?: readonly string[]
}

/** What an honest server delivers for an execution that approvers signed. */
export function makeSignedPlan(
  does: StatedWork,
  signers: readonly SshKey[],
  { execution = 'exec-test', expires = '2100-01-01T00:00:00Z', instances = [testInstance], ...more }: PlanDetails = {},
): SignedPlan {
  const targets = instances.map((instanceId) => ({ instanceId, work: [does] }))
  const { statement, places } = makePlanStatement({ execution, expires }, targets, { render: canonicalJson, sha256Of })
  const canonical = canonicalJson(statement)
  const place = places.find(({ instanceId }) => instanceId === testInstance) ?? places[0]!
  return {
    canonical,
    signatures: signers.map((key) => signBytes(key, 'chandler-plan', canonical)),
    work: place.work,
    proof: [...place.proof],
    salt: more.salt ?? '',
    secret: [...(more.secret ?? [])],
  }
}

/** The instance of `TestEngine`. */
export const testInstance = 'i-0000000000000000'
