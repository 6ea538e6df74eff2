import type { ReportEntry } from '../../protocol/agent-messages.ts'
import { rebootingVersion, reconcilingVersion } from '../../protocol/versions.ts'

/**
 * Translates report entries for a server of this version, which closes a connection on unknown
 * values and fields.
 */
export const downgradeEntries = (entries: readonly ReportEntry[], version: number): readonly ReportEntry[] =>
  version >= rebootingVersion
    ? entries
    : entries.map(hideReboots).flatMap((entry) => (version >= reconcilingVersion ? [entry] : downgrade(entry)))

/** The server never allows a reboot, but it may have been downgraded since. */
function hideReboots(entry: ReportEntry): ReportEntry {
  if (entry.kind === 'state') {
    const { reboots: _reboots, ...state } = entry
    return state.state === 'rebooting' ? { ...state, state: 'running' } : state
  }
  if (entry.kind !== 'end') return entry
  const { outcome } = entry
  if (outcome.reasonCode === 'RebootRequired') return { ...entry, outcome: { ...outcome, reasonCode: 'Succeeded' } }
  return outcome.reasonCode === 'RebootFailed' ? { ...entry, outcome: { ...outcome, reasonCode: 'AgentError' } } : entry
}

function downgrade(entry: ReportEntry): ReportEntry[] {
  // Only a newer server requests it; this one does not wait for it.
  if (entry.kind === 'unknown') return []
  if (entry.kind === 'state') return [entry.state === 'waiting' ? { ...entry, state: 'accepted' } : entry]
  if (entry.kind === 'output') return [entry]
  const { extension: _extension, scriptRange: _scriptRange, ...end } = entry
  const { installed } = end.outcome
  if (installed === undefined || installed.status === 'absent') return [end]
  const { contentDigest: _contentDigest, ...known } = installed
  return [{ ...end, outcome: { ...end.outcome, installed: known } }]
}
