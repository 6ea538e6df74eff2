import { type AccessDecision, evaluatePolicies, type GrantedPolicy } from '../../../core/access/evaluate-policies.ts'
import { artifactObjectOf } from '../../../core/artifact/artifact-object.ts'
import type { Artifact } from '../../../core/extension/extension.ts'
import type { HandedOut } from '../../../store/report/invocations.ts'
import { accessDenied, resourceFor } from '../access/authorise.ts'
import { loadRolePolicies } from '../access/policy/granted-policies.ts'
import type { AppContext } from '../context.ts'

/**
 * Whether an instance's role allows it to get a configuration.
 * @throws AccessDenied with the role, the missing action and its resource
 */
export type AuthoriseHandOut = (
  one: Pick<HandedOut, 'accountId' | 'role'>,
  extensionName: string,
  artifact: Artifact | undefined,
) => void

/**
 * Rules: a configuration of an extension requires `oos:GetTemplate` on it. A package file
 * additionally requires `oss:GetBucketAcl` on its bucket and `oss:GetObject` on itself: the
 * permissions that the instance's role needs in OOS, where the instance downloads them itself.
 * Commands and OS packages are no templates of the account and require nothing. The current
 * policies apply; they are read once per hand-out, and each decision is made once, whatever the
 * number of instances.
 */
export async function prepareHandOutAuthorisation(
  { database, clock, ...names }: Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>,
  handedOut: readonly HandedOut[],
): Promise<AuthoriseHandOut> {
  const policies = new Map<string, readonly GrantedPolicy[]>()
  for (const [accountId, ones] of Map.groupBy(handedOut, (one) => one.accountId))
    for (const [role, granted] of await loadRolePolicies(database, accountId, new Set(ones.map((one) => one.role))))
      policies.set(`${accountId} ${role}`, granted)
  const facts = { 'acs:CurrentTime': new Date(clock.now()).toISOString() }
  const decided = new Map<string, AccessDecision>()

  return ({ accountId, role }, extensionName, artifact) => {
    for (const [action, relative] of listNeeds(extensionName, artifact)) {
      const resource = resourceFor(names, { accountId }, action, relative)
      const key = `${accountId} ${role} ${action} ${resource}`
      const decision =
        decided.get(key) ?? evaluatePolicies(policies.get(`${accountId} ${role}`) ?? [], { action, resource, facts })
      decided.set(key, decision)
      if (!decision.allowed) throw accessDenied(`role ${role}`, { action, resource }, decision)
    }
  }
}

function* listNeeds(extensionName: string, artifact: Artifact | undefined): Generator<[action: string, on: string]> {
  yield ['oos:GetTemplate', `template/${extensionName}`]
  if (!artifact) return
  const { bucket, key } = artifactObjectOf(artifact)
  yield ['oss:GetBucketAcl', bucket]
  yield ['oss:GetObject', `${bucket}/${key}`]
}
