import type { ExtensionId, InstanceId } from '../../../core/id.ts'
import type { AgentReason } from '../../../core/install/agent-reason.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import { applyDriftReports } from '../../../store/instance/drift-reports.ts'
import { insertEvent } from '../../../store/notification/events.ts'
import type { AppContext } from '../context.ts'

/** Everything that has drifted on one instance. */
export interface ReportedInstanceDrift {
  readonly instanceId: InstanceId
  readonly entries: readonly {
    readonly extensionId: string
    readonly version: number
    readonly configurationId: string
    readonly parametersDigest: string
    readonly agoMs: number
    /** Undefined: from a later agent. */
    readonly reasonMessages?: AgentReason | undefined
  }[]
}

/** Installations that an event names. */
const namedAtMost = 20
/** The age of a finding: PostgreSQL has no earlier times than 4713 BC. */
const longestAgoMs = 366 * 86_400_000

/**
 * Stores what agents report as drifted; assignments are evaluated, and webhooks receive one event
 * for all that begins in an account.
 */
export async function applyDrift(
  { database, digests, changed }: Pick<AppContext, 'database' | 'digests' | 'changed'>,
  agents: readonly ReportedInstanceDrift[],
): Promise<void> {
  // The newest report of each.
  const newest = new Map(agents.map((agent) => [agent.instanceId, agent.entries]))
  const reported = [...newest].flatMap(([instanceId, entries]) =>
    [...new Map(entries.map((entry) => [entry.extensionId, entry])).values()].map((entry) => ({
      instanceId,
      extensionId: entry.extensionId as ExtensionId,
      version: entry.version,
      configurationId: entry.configurationId,
      // As in apply-reports.ts: a record may be from an earlier release.
      parametersDigest: digests.rekey(entry.parametersDigest),
      agoMs: Math.min(entry.agoMs, longestAgoMs),
      reason: entry.reasonMessages ?? makeReason('RecordedButMissing'),
    })),
  )
  const changes = await database.transaction().execute(async (transaction) => {
    const found = await applyDriftReports(transaction, [...newest.keys()], reported)
    const begun = Map.groupBy(
      found.flatMap(({ since, ...one }) => (since === null ? [] : [{ ...one, since }])),
      ({ accountId }) => accountId,
    )
    for (const [accountId, all] of begun) {
      const first = all.slice(0, namedAtMost).map(({ instanceId, instanceName, extensionName, version, since }) => ({
        id: instanceId,
        name: instanceName,
        extension: extensionName,
        version,
        since: since.getTime(),
      }))
      await insertEvent(transaction, accountId, 'drift', { kind: 'drift', drift: { count: all.length, first } })
    }
    return found
  })
  const accountIds = [...new Set(changes.map(({ accountId }) => accountId))]
  if (accountIds.length > 0) changed(accountIds.flatMap((id) => [`executions/${id}`, `instances/${id}`] as const))
}
