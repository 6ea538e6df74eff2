import { expect, test } from 'vitest'
import { type ClaimedIdentity, type IdentityVerdict, judgeIdentity, type KnownIdentity } from './agent-identity.ts'

const known: KnownIdentity = {
  admission: 'admitted',
  fingerprint: { machineId: 'm', productUuid: 'p' },
  otherFingerprint: undefined,
  runs: ['now', 'before', 'long ago'],
}
const claimed: ClaimedIdentity = { fingerprint: { machineId: 'm', productUuid: 'p' }, run: 'now', hasOldKey: false }
const refused = (suspicion: IdentityVerdict['suspicion']) => ({ suspicion, mayConnect: false })
const other = { machineId: 'm', productUuid: 'other' }

const table: Record<string, [Partial<KnownIdentity>, Partial<ClaimedIdentity>, unknown]> = {
  'the same process again': [{}, {}, { mayConnect: true }],
  'a restarted agent': [{}, { run: 'new' }, { mayConnect: true }],
  'a process that was followed by another': [{}, { run: 'before' }, { mayConnect: true, suspicion: 'ConnectedTwice' }],
  'one that was followed by several': [{}, { run: 'long ago' }, { mayConnect: true, suspicion: 'ConnectedTwice' }],
  'a new agent in turns with an old one': [
    { runs: ['', 'now'] },
    {},
    { mayConnect: true, suspicion: 'ConnectedTwice' },
  ],
  'an old agent after a new one: the release was set back': [
    { runs: ['now', ''] },
    { fingerprint: undefined, run: undefined },
    { mayConnect: true },
  ],
  'another product uuid': [{}, { fingerprint: other }, refused('FingerprintChanged')],
  'another machine id': [{}, { fingerprint: { machineId: 'x', productUuid: 'p' } }, refused('FingerprintChanged')],
  'a part less': [{}, { fingerprint: { machineId: 'm' } }, refused('FingerprintMissing')],
  'an emptied fingerprint': [{}, { fingerprint: {} }, refused('FingerprintMissing')],
  'an agent too old to send one': [{}, { fingerprint: undefined }, { mayConnect: true }],
  'a part more': [
    { fingerprint: { machineId: 'm' } },
    {},
    { mayConnect: true, fingerprint: { machineId: 'm', productUuid: 'p' } },
  ],
  'the first fingerprint at all': [
    { fingerprint: undefined },
    {},
    { mayConnect: true, fingerprint: { machineId: 'm', productUuid: 'p' } },
  ],
  'an old agent that never sent one': [{ fingerprint: undefined }, { fingerprint: undefined }, { mayConnect: true }],
  'the machine that was refused, still in quarantine': [
    { admission: 'quarantined', otherFingerprint: other },
    { fingerprint: other },
    refused('FingerprintChanged'),
  ],
  'the machine that was refused, after its release': [
    { otherFingerprint: other },
    { fingerprint: other },
    { mayConnect: true, fingerprint: other },
  ],
  'a third machine after a release': [
    { otherFingerprint: other },
    { fingerprint: { machineId: 'z' } },
    refused('FingerprintChanged'),
  ],
  'a replaced key after its release': [
    { otherFingerprint: other },
    { fingerprint: other, hasOldKey: true },
    { mayConnect: true, fingerprint: other, restoresOldKey: true },
  ],
  'a replaced key with an otherwise valid identity': [{}, { hasOldKey: true }, refused('KeyReplaced')],
}

test.each(Object.entries(table))('%s', (_, [knows, claims, expected]) => {
  expect(judgeIdentity({ ...known, ...knows }, { ...claimed, ...claims })).toEqual(expected)
})
