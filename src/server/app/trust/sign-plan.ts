import { chandlerError } from '../../../core/error/errors.ts'
import { openValuesOf, partsOf } from '../../../core/execution/operation/operations.ts'
import type { AccountId, ExecutionId, ExtensionId } from '../../../core/id.ts'
import {
  defaultPlanValidityMs,
  maxPlanBytes,
  maxSignaturesPerSubject,
  maxSignedTargets,
  maxWorkPerPlan,
} from '../../../core/limits.ts'
import { isWork } from '../../../core/plan/plan.ts'
import { makePlanStatement } from '../../../core/trust/make-plan-statement.ts'
import {
  type ApprovalRequestTerms,
  decideApprovalTerms,
  type PlanApproval,
  refuseSigning,
  type SigningRefusal,
} from '../../../core/trust/plan-approval.ts'
import { canonicalJson } from '../../../lib/canonical-json.ts'
import { sha256Of } from '../../../lib/digest.ts'
import { digestSecret } from '../../../lib/digest-secret.ts'
import type { Connection } from '../../../store/database/database.ts'
import { updateExecutionRow } from '../../../store/execution/executions.ts'
import { listCanonicalVersions } from '../../../store/extension/canonical-versions.ts'
import { insertExecutionPlan, listExecutionPlans } from '../../../store/trust/execution-plans.ts'
import { listSignatures, upsertSignature } from '../../../store/trust/signatures.ts'
import { getNewestTrustFile } from '../../../store/trust/trust-files.ts'
import { loadSecrets } from '../access/secret/resolve-secrets.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeLocked } from '../execution/change-locked.ts'
import { approvedKindOf, stateWork } from '../operation/operations.ts'
import type { Plan } from '../plan/make-plan.ts'
import { renderCanonicalVersion } from './canonical-version.ts'
import { verifyContentSignature } from './verify-content-signature.ts'

/** The signatures that a plan needs: those of the published trust file, or more. Null: none. */
export async function findApprovalTerms(
  { clock }: Pick<AppContext, 'clock'>,
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  plan: Plan,
  request: ApprovalRequestTerms | undefined,
): Promise<PlanApproval | null> {
  const published = await getNewestTrustFile(connection, accountId)
  const terms = decideApprovalTerms(approvedKindOf(plan.operation), request, published?.approvers ?? undefined, {
    now: clock.now(),
    defaultValidityMs: defaultPlanValidityMs,
  })
  // Without work there is nothing to sign.
  return terms && plan.planned.some(isWork) ? terms : null
}

/**
 * Stores the canonical bytes of a plan that approvers sign, with the place of each task in it.
 * @throws PlanNotSignable
 */
export async function storeSignedPlan(
  { secrets, random }: Pick<AppContext, 'secrets' | 'random'>,
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  executionId: ExecutionId,
  plan: Plan,
  { expiresAt }: PlanApproval,
): Promise<void> {
  if (plan.workCount > maxSignedTargets) throw notSignable(`it has more than ${maxSignedTargets} targets`)
  const salt = Buffer.from(random(16)).toString('hex')
  const resolve = await loadSecrets({ database: connection, secrets }, listOpenValues(accountId, plan))
  const workOf = stateWork(plan.operation, {
    content: plan.content,
    parts: plan.parts,
    sets: plan.sets,
    versionSha256: await digestVersions(connection, plan),
    digestOf: (name, value) => digestSecret(salt, name, value),
    resolve: (values) => resolve(accountId, values),
  })
  const { statement, places } = makePlanStatement(
    { execution: executionId, expires: new Date(expiresAt).toISOString() },
    plan.planned.map((planned) => ({ instanceId: planned.instanceId, work: workOf(planned) })),
    { render: canonicalJson, sha256Of },
  )
  if (statement.work.length > maxWorkPerPlan)
    throw notSignable(`its targets have more than ${maxWorkPerPlan} different sets of values or versions`)
  const canonical = canonicalJson(statement)
  if (Buffer.byteLength(canonical) > maxPlanBytes) throw notSignable(`it has more than ${maxPlanBytes} bytes`)
  const row = { executionId, accountId, canonical, sha256: sha256Of(canonical) }
  await insertExecutionPlan(connection, { ...row, saltSealed: secrets.seal(salt, `execution/${executionId}`) }, places)
}

/** The values that may refer to secrets. */
const listOpenValues = (accountId: AccountId, { operation, planned, sets }: Plan) =>
  planned
    .flatMap((target) => sets.map((set, index) => set.get((target.parts?.[index] ?? target).parameterSet).open))
    .concat(openValuesOf(operation))
    .map((values) => ({ accountId, values }))

const notSignable = (reason: string) => chandlerError('PlanNotSignable', { reason })

/** Of the canonical bytes of every version that the plan installs. */
async function digestVersions(connection: Connection, { operation, planned }: Plan) {
  const ids = partsOf(operation).map(({ extensionId }) => extensionId)
  const wanted = new Map(
    planned.flatMap((target) =>
      ids.flatMap((extensionId, index) => {
        const version = (target.parts ? target.parts[index] : target)?.toVersion
        return version === undefined ? [] : [[`${extensionId} ${version}`, { extensionId, version }] as const]
      }),
    ),
  )
  const rows = await listCanonicalVersions(connection, [...wanted.values()])
  const digests = new Map(
    rows.map((row) => [`${row.extensionId} ${row.version}`, sha256Of(row.canonical ?? renderCanonicalVersion(row))]),
  )
  return (extensionId: ExtensionId, version: number) => digests.get(`${extensionId} ${version}`) ?? ''
}

/**
 * Stores the signature of an approver over the plan of an execution. When there are enough, it
 * starts. The server counts signatures so that it knows when to begin; whether they suffice is
 * decided by the trust file of each instance.
 * @throws ExecutionNotFound, ContentSignatureInvalid, PlanSignatureRefused
 */
export async function addPlanSignature(
  context: AppContext,
  actor: Actor,
  id: string,
  signature: string,
): Promise<void> {
  const detail: { key?: string; approver?: string } = {}
  await changeLocked(
    context,
    actor,
    id,
    'sign',
    async (connection, execution) => {
      const { accountId } = actor
      const refused = (refusal: SigningRefusal) =>
        chandlerError('PlanSignatureRefused', { id, reason: refusalTexts[refusal] })
      const [plan] = await listExecutionPlans(connection, [execution.id])
      const { approval } = execution
      if (!plan || !approval) throw refused('NothingToSign')
      const { publicKey, namespace } = verifyContentSignature(signature, plan.canonical, ['chandler-plan'])
      const earlier = await listSignatures(connection, accountId, [plan.sha256])
      const refusal = refuseSigning(approval, {
        publicKey: publicKey.text,
        earlier: earlier.map((one) => one.publicKey),
        hasEnded: execution.ended_at !== null,
        now: context.clock.now(),
      })
      if (refusal) throw refused(refusal)
      if (earlier.length >= maxSignaturesPerSubject)
        throw chandlerError('ContentSignaturesTooMany', { max: maxSignaturesPerSubject })
      await upsertSignature(connection, accountId, {
        subjectSha256: plan.sha256,
        namespace,
        keyFingerprint: publicKey.fingerprint,
        publicKey: publicKey.text,
        signature,
        createdAt: new Date(context.clock.now()),
        createdBy: actor.name,
      })
      await updateExecutionRow(connection, execution.id, {
        revision: execution.revision + 1,
        approval: { ...approval, signed: earlier.length + 1 },
      })
      const name = approval.keys?.find((key) => key.publicKey === publicKey.text)?.name
      Object.assign(detail, { key: publicKey.fingerprint, ...(name !== undefined && { approver: name }) })
    },
    detail,
  )
}

const refusalTexts: Readonly<Record<SigningRefusal, string>> = {
  NothingToSign: 'its plan needs no signatures',
  Ended: 'the execution has ended',
  Expired: 'the time for signatures is over',
  NoApprover: 'the key is not one of the approvers in the published trust file',
  SignedAlready: 'the key has signed it already',
}
