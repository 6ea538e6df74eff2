import type { InstanceId } from '../../../core/id.ts'
import {
  type Fingerprint,
  type IdentityVerdict,
  judgeIdentity,
  type Suspicion,
} from '../../../core/instance/agent-identity.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import { quarantineInstance, updateAgentIdentities } from '../../../store/instance/admissions.ts'
import type { AgentIdentity } from '../../../store/instance/agent-sessions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { AppContext } from '../context.ts'

/** The identity that an agent with a proved key sends. */
export interface ProvedHello {
  readonly identity: AgentIdentity
  readonly hasOldKey: boolean
  readonly fingerprint: Fingerprint | undefined
  readonly run: string | undefined
  /** Remote address. */
  readonly source: string
}

/**
 * Checks that each of these agents is the known one of its instance. Accepted identities are
 * stored; an instance whose identity seems to be used twice is quarantined. In the order of
 * arrival, also for two agents of one instance in a batch.
 */
export async function judgeAgents(context: AppContext, hellos: readonly ProvedHello[]): Promise<IdentityVerdict[]> {
  const known = new Map(hellos.map(({ identity }) => [identity.id, identity]))
  const verdicts = hellos.map(({ identity, ...claimed }) => {
    const before = known.get(identity.id) as AgentIdentity
    const verdict = judgeIdentity(before, claimed)
    if (verdict.mayConnect) known.set(identity.id, follow(before, claimed.run, verdict))
    return verdict
  })
  for (const [index, hello] of hellos.entries()) {
    const { suspicion } = verdicts[index] as IdentityVerdict
    if (suspicion) await quarantine(context, hello, suspicion)
  }
  // The last update of each instance: one statement changes a row once.
  const updates = new Map<InstanceId, Parameters<typeof updateAgentIdentities>[1][number]>()
  for (const [index, { identity, run = '' }] of hellos.entries()) {
    const { mayConnect, fingerprint, restoresOldKey = false } = verdicts[index] as IdentityVerdict
    const isKnown = !fingerprint && !identity.otherFingerprint && identity.runs[0] === run
    if (!mayConnect || (isKnown && !updates.has(identity.id))) continue
    const earlier = updates.get(identity.id)
    updates.set(identity.id, {
      id: identity.id,
      run,
      fingerprint: fingerprint ?? earlier?.fingerprint,
      restoresOldKey: restoresOldKey || (earlier?.restoresOldKey ?? false),
    })
  }
  if (updates.size > 0) await updateAgentIdentities(context.database, [...updates.values()])
  return verdicts
}

function follow(identity: AgentIdentity, run = '', { fingerprint }: IdentityVerdict): AgentIdentity {
  const runs = [run, ...identity.runs.filter((other) => other !== run)]
  return { ...identity, runs, fingerprint: fingerprint ?? identity.fingerprint, otherFingerprint: undefined }
}

async function quarantine(
  { database, log, changed }: AppContext,
  { identity: { id, accountId, name }, fingerprint, source }: ProvedHello,
  suspicion: Suspicion,
): Promise<void> {
  const reason = makeReason(suspicion, { address: source })
  const other = suspicion === 'ConnectedTwice' ? undefined : (fingerprint ?? {})
  const isNew = await database.transaction().execute(async (transaction) => {
    if (!(await quarantineInstance(transaction, id, reason, other))) return false
    const actor = { accountId, name: `instance/${id}`, source }
    await writeAudit(transaction, actor, 'QuarantineInstance', `instance/${id}`, { name, suspicion })
    return true
  })
  if (!isNew) return
  log.warn('an instance is quarantined', { instanceId: id, suspicion, source })
  changed([`instances/${accountId}`])
}
