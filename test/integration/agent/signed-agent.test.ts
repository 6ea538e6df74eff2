/** What an instance with a trust file makes of an upgrade of its agent. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckContext } from '../../../src/agent/trust/check-context.ts'
import { checkInvocation } from '../../../src/agent/trust/check-invocation.ts'
import { readTrustFile } from '../../../src/agent/trust/code-trust.ts'
import { makeAgentStatement } from '../../../src/core/trust/agent-statement.ts'
import { canonicalJson } from '../../../src/lib/canonical-json.ts'
import type { InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import { makeInvocation } from './agent-engine.ts'
import { makeSshKey, makeTrust, type SshKey, signBytes } from './signed-versions.ts'

let folder: string
let keys: Record<'alice' | 'bob' | 'carol', SshKey>
let context: CheckContext
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-agent-keys-'))
  const make = (name: string) => makeSshKey(folder, name)
  keys = { alice: make('alice'), bob: make('bob'), carol: make('carol') }
  context = {
    file: readTrustFile(JSON.stringify(makeTrust(keys))),
    now: Date.UTC(2027, 0, 1),
    agentVersion: '1.0.0',
    os: { family: 'linux', id: 'debian', version: '12', name: 'Debian 12', arch: 'x86_64', kernel: '' },
    instanceId: 'i-0000000000000000',
    readNewest: () => undefined,
  }
})
afterAll(() => rm(folder, { recursive: true }))

const digest = 'ab'.repeat(32)
/** The message of a server that names another program and another artifact than the signed ones. */
function makeUpgrade(version: string, namespaces: ('chandler-agent' | 'chandler-rollback')[]): InvocationMessage {
  const canonical = canonicalJson(makeAgentStatement(version, 'x86_64', { sha256: digest, sizeBytes: 7 }))
  const signatures = namespaces.map((namespace) => signBytes(keys.carol, namespace, canonical))
  return makeInvocation({
    action: 'run',
    extensionName: '',
    agentUpgrade: { program: '6.6.6-0123456789ab', connectTimeoutMs: 5_000 },
    artifactUrl: 'https://evil.example/agent.tar.gz',
    wanted: {
      version: 1,
      configuration: {
        id: 'c1',
        os: 'linux',
        arch: 'any',
        artifact: { kind: 'tar', fileName: 'evil.tar.gz', sha256: 'cd'.repeat(32), sizeBytes: 9 },
        scripts: { install: 'echo evil' },
        verify: [],
        run: { unpack: true, keepWorkspace: 'never', timeoutMs: 60_000 },
      },
      parameters: { evil: 'yes' },
      parametersDigest: '0'.repeat(64),
      signed: { canonical, signatures },
    },
  })
}

test('program, artifact and scripts are those that the release key signed, whatever the server names', () => {
  const checked = checkInvocation(makeUpgrade('1.2.0', ['chandler-agent']), context)
  expect(checked).toMatchObject({
    invocation: {
      action: 'run',
      agentUpgrade: { program: `1.2.0-${digest.slice(0, 12)}`, connectTimeoutMs: 5_000 },
      wanted: {
        configuration: {
          artifact: { kind: 'tar', fileName: 'chandler-agent-1.2.0.tar.gz', sha256: digest, sizeBytes: 7 },
          scripts: {},
          run: { unpack: true },
        },
        parameters: {},
      },
    },
  })
})

test('an older agent takes the consent of the release key', () => {
  expect(checkInvocation(makeUpgrade('0.9.0', ['chandler-agent']), context)).toMatchObject({
    refusal: { code: 'SignaturesMissing', arguments: { subject: 'agentRollback', role: 'release', keys: ['carol'] } },
  })
  expect(checkInvocation(makeUpgrade('0.9.0', ['chandler-agent', 'chandler-rollback']), context)).toHaveProperty(
    'invocation',
  )
})

test('an agent for another architecture is refused', () => {
  expect(
    checkInvocation(makeUpgrade('1.2.0', ['chandler-agent']), { ...context, os: { ...context.os, arch: 'arm64' } }),
  ).toMatchObject({
    refusal: { code: 'SignedPartDiffers' },
  })
})

test('an agent for another system is refused, also for the same architecture', () => {
  const refused = checkInvocation(makeUpgrade('1.2.0', ['chandler-agent']), {
    ...context,
    os: { ...context.os, family: 'windows', id: 'windows' },
  })
  expect(refused).toMatchObject({ refusal: { code: 'SignedPartDiffers', arguments: { which: 'x86_64' } } })
})
