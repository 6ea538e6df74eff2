import type { InstanceId, InvocationId } from '../../core/id.ts'
import { makeTextReason } from '../../core/reason/reason.ts'
import type { ReportEntry } from '../../protocol/agent-messages.ts'
import type { Report } from '../app/agent/report.ts'

/** A report of an agent, as the use cases take it. */
export function toReport(instanceId: InstanceId, entry: ReportEntry): Report {
  const invocationId = entry.invocationId as InvocationId
  switch (entry.kind) {
    case 'unknown':
      return { kind: 'unknown', instanceId, invocationId }
    case 'state':
      return { kind: 'state', instanceId, invocationId, state: entry.state, step: entry.step, reboots: entry.reboots }
    case 'output': {
      const { stream, offset } = entry
      return {
        kind: 'output',
        instanceId,
        invocationId,
        stream,
        offset,
        at: new Date(entry.at),
        data: Buffer.from(entry.data, 'base64'),
      }
    }
    case 'end': {
      const {
        outcome: { reason, reasonMessages, ...outcome },
        stdoutBytes,
        stderrBytes,
        cutBytes,
        scriptRange,
        extension,
      } = entry
      return {
        kind: 'end',
        instanceId,
        invocationId,
        outcome: { ...outcome, reason: reasonMessages ?? makeTextReason(reason) } as Extract<
          Report,
          { kind: 'end' }
        >['outcome'],
        stdoutBytes,
        stderrBytes,
        cutBytes,
        scriptRange,
        extension,
      }
    }
  }
}
