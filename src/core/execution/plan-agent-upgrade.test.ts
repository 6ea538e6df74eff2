import { expect, test } from 'vitest'
import type { InstanceId } from '../id.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { planAgentUpgrade } from './plan-agent-upgrade.ts'

const sha256 = '3f2a91c04b7d'.padEnd(64, '0')
const ofWindows = '77aa91c04b7d'.padEnd(64, '0')
const operation = {
  version: '0.2.0',
  bundles: { x86_64: { sha256, sizeBytes: 1 }, 'windows-x86_64': { sha256: ofWindows, sizeBytes: 1 } },
}
const target = (os: { family?: 'linux' | 'windows'; arch?: string }, agentProgram?: string) => ({
  id: 'i-1' as InstanceId,
  facts: { os: { family: 'linux' as const, arch: 'x86_64', ...os } },
  ...(agentProgram === undefined ? {} : { agentProgram }),
})

test.each([
  [
    'an older agent',
    target({}, '0.1.0-0123456789ab'),
    'run',
    'Planned',
    'agent 0.1.0-0123456789ab -> 0.2.0-3f2a91c04b7d',
  ],
  ['another build of the version', target({}, '0.2.0-0123456789ab'), 'run', 'Planned', '-> 0.2.0-3f2a91c04b7d'],
  ['another name of the architecture', target({ arch: 'amd64' }, '0.1.0-0123456789ab'), 'run', 'Planned', '->'],
  ['the same agent', target({}, '0.2.0-3f2a91c04b7d'), 'none', 'AlreadyAsWanted', 'has 0.2.0-3f2a91c04b7d'],
  [
    'a newer agent',
    target({}, '0.10.0-0123456789ab'),
    'skip',
    'NotInScope',
    '0.10.0 is newer than that of this server, 0.2.0',
  ],
  ['an agent without a name', target({}), 'skip', 'NotInScope', 'run the install command'],
  ['an agent with a name of another form', target({}, 'checkout'), 'skip', 'NotInScope', 'run the install command'],
  [
    'another architecture',
    target({ arch: 'arm64' }, '0.1.0-0123456789ab'),
    'skip',
    'NoConfiguration',
    'no agent for linux arm64',
  ],
  [
    'an unknown architecture',
    target({ arch: 'mips' }, '0.1.0-0123456789ab'),
    'skip',
    'NoConfiguration',
    'no agent for linux mips',
  ],
  [
    'Windows',
    target({ family: 'windows', arch: 'x64' }, '0.1.0-0123456789ab'),
    'run',
    'Planned',
    'agent 0.1.0-0123456789ab -> 0.2.0-77aa91c04b7d',
  ],
  [
    'Windows on arm64',
    target({ family: 'windows', arch: 'arm64' }, '0.1.0-0123456789ab'),
    'skip',
    'NoConfiguration',
    'no agent for windows arm64',
  ],
])('%s', (_, input, step, reasonCode, reason) => {
  const planned = planAgentUpgrade(operation, input)
  expect(planned).toMatchObject({ instanceId: 'i-1', step, reasonCode })
  expect(renderEnglishReason(planned.reason)).toContain(reason)
})

test('the planned configuration is the platform of the bundle: never that of another system', () => {
  const windows = target({ family: 'windows' }, '0.1.0-0123456789ab')
  expect(planAgentUpgrade(operation, windows)).toHaveProperty('configurationId', 'windows-x86_64')
  const { x86_64 } = operation.bundles
  expect(planAgentUpgrade({ version: '0.2.0', bundles: { x86_64 } }, windows)).toMatchObject({
    step: 'skip',
    reasonCode: 'NoConfiguration',
  })
  expect(planAgentUpgrade(operation, target({ arch: 'amd64' }, '0.1.0-0123456789ab'))).toHaveProperty(
    'configurationId',
    'x86_64',
  )
})
