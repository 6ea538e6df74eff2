import { expect, test } from 'vitest'
import { type ReportEntry, reportEntrySchema } from '../../protocol/agent-messages.ts'
import { agentProtocolVersion } from '../../protocol/versions.ts'
import { downgradeEntries } from './downgrade-entries.ts'

const invocationId = 'inv-a-1-1'
const end = (state: 'succeeded' | 'failed', reasonCode: 'RebootRequired' | 'RebootFailed'): ReportEntry => ({
  kind: 'end',
  invocationId,
  at: 1,
  outcome: { state, reasonCode, reason: 'because' },
  stdoutBytes: 0,
  stderrBytes: 0,
  cutBytes: 0,
})
const entries: ReportEntry[] = [
  { kind: 'state', invocationId, at: 1, state: 'rebooting', step: 'rebooting', reboots: 1 },
  { kind: 'state', invocationId, at: 1, state: 'verifying', step: 'verifying v1', reboots: 1 },
  end('succeeded', 'RebootRequired'),
  end('failed', 'RebootFailed'),
].map((entry) => reportEntrySchema.parse(entry))

test('a current server gets everything', () => {
  expect(downgradeEntries(entries, agentProtocolVersion)).toEqual(entries)
})

test.each([2, 3])('a server of version %i gets no word that it does not know', (version) => {
  expect(downgradeEntries(entries, version)).toMatchObject([
    { state: 'running', step: 'rebooting' },
    { state: 'verifying' },
    { outcome: { state: 'succeeded', reasonCode: 'Succeeded', reason: 'because' } },
    { outcome: { state: 'failed', reasonCode: 'AgentError', reason: 'because' } },
  ])
  expect(JSON.stringify(downgradeEntries(entries, version))).not.toMatch(/reboots|Reboot/)
})
