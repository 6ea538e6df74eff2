/**
 * A server that an attacker controls, against a real agent with a trust file: whatever it sends,
 * nothing runs that the trust file does not allow, and the refusal names what is missing. The
 * scripts of every version write to a ledger.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Configuration } from '../../../src/core/extension/extension.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { makeAgentStatement } from '../../../src/core/trust/agent-statement.ts'
import type { StatedVersion } from '../../../src/core/trust/version-statement.ts'
import { canonicalJson } from '../../../src/lib/canonical-json.ts'
import type { InstallationMessage, InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import { type End, makeFolder, makeInvocation, TestEngine } from './agent-engine.ts'
import { ArtifactShelf } from './artifact-shelf.ts'
import {
  deliver,
  makeSshKey,
  makeTrust,
  makeVersion,
  placeTrust,
  readLedger,
  renderStatement,
  type SshKey,
  signBytes,
} from './signed-versions.ts'

let keyFolder: string
let keys: Record<'alice' | 'bob' | 'carol' | 'mallory', SshKey>
beforeAll(async () => {
  keyFolder = await mkdtemp(join(tmpdir(), 'chandler-keys-'))
  const make = (name: string) => makeSshKey(keyFolder, name)
  keys = { alice: make('alice'), bob: make('bob'), carol: make('carol'), mallory: make('mallory') }
})
afterAll(() => rm(keyFolder, { recursive: true }))

let engine: TestEngine
let directory: string
let ledger: string
beforeEach(async () => {
  directory = await makeFolder()
  ledger = join(await makeFolder(), 'ledger')
  await placeTrust(directory, trust())
  engine = await TestEngine.start({ stateDirectory: directory })
})

const trust = (more = {}) => {
  const { mallory: _, ...known } = keys
  return makeTrust(known, more)
}
const sign = (version: StatedVersion, key = keys.alice, namespace = 'chandler-version') =>
  signBytes(key, namespace, renderStatement(version))
const honest = (version: StatedVersion, more: Partial<InstallationMessage> = {}) =>
  deliver(version, [sign(version)], more)

const install = (wanted: InstallationMessage, more: Partial<InvocationMessage> = {}) =>
  engine.carryOut(makeInvocation({ wanted, builtins: {}, ...more }))

const reasonOf = ({ outcome }: End) => renderEnglishReason(outcome.reasonMessages ?? [])

/** The attempt was refused, its reason says why, and no script wrote anything since. */
async function expectRefused(attempt: Promise<End>, reason: RegExp, before = ''): Promise<void> {
  const end = await attempt
  expect({ ...end.outcome, reason: reasonOf(end) }).toMatchObject({
    state: 'failed',
    reasonCode: 'NotPermitted',
    reason: expect.stringMatching(reason),
  })
  expect(readLedger(ledger)).toBe(before)
}

const withConfiguration = (change: (configuration: Configuration) => object, version = makeVersion(ledger, 1)) => ({
  ...version,
  configurations: version.configurations.map((one) => ({ ...one, ...change(one) })),
})

test('what a publisher signed is installed, updated and uninstalled', async () => {
  const [first, second] = [makeVersion(ledger, 1), makeVersion(ledger, 2)]
  expect((await install(honest(first))).outcome).toMatchObject({ state: 'succeeded' })
  expect((await install(honest(second), { action: 'update' })).outcome).toMatchObject({ state: 'succeeded' })
  const removal = makeInvocation({ action: 'uninstall', builtins: {} })
  expect((await engine.carryOut(removal)).outcome).toMatchObject({ state: 'succeeded' })
  const me = `80 ${process.env['USER'] ?? 'root'}`
  expect(readLedger(ledger).replaceAll(/80 .*$/gm, me)).toBe(
    ['install v1', 'uninstall v1', 'install v2', 'uninstall v2'].map((line) => `${line} ${me}\n`).join(''),
  )
})

describe('a version is refused', () => {
  test('without signatures', async () => {
    const { signed: _, ...unsigned } = honest(makeVersion(ledger, 1))
    await expectRefused(install(unsigned), /demo v1 needs 1 signature of a publisher \(alice\); it has 0/)
    await expectRefused(install(deliver(makeVersion(ledger, 1), [])), /demo v1 needs 1 signature/)
  })

  test('signed by a key that is not in the trust file, which the reason names', async () => {
    const version = makeVersion(ledger, 1)
    const attempt = install(deliver(version, [sign(version, keys.mallory)]))
    await expectRefused(attempt, new RegExp(`do not count: ${keys.mallory.fingerprint.replaceAll('+', '\\+')}`))
  })

  test('signed by a key that the trust file has for something else', async () => {
    const version = makeVersion(ledger, 1)
    await expectRefused(install(deliver(version, [sign(version, keys.carol)])), /needs 1 signature of a publisher/)
  })

  test('signed for another purpose', async () => {
    const version = makeVersion(ledger, 1)
    await expectRefused(install(deliver(version, [sign(version, keys.alice, 'git')])), /it has 0/)
  })

  test('of an extension that no publisher of the trust file may publish', async () => {
    const version = makeVersion(ledger, 1, { extensionName: 'other' })
    await expectRefused(install(honest(version), { extensionName: 'other' }), /the trust file names no key for it/)
    await expectRefused(install(honest(version)), /other v1 was changed after it was signed: the extension demo/)
  })

  test('with fewer signatures than the threshold, two of one key included', async () => {
    await placeTrust(
      directory,
      trust({ publishers: [{ extensions: ['*'], keys: ['alice', 'bob'], threshold: 2 }], version: 2 }),
    )
    const version = makeVersion(ledger, 1)
    const twice = deliver(version, [sign(version), sign(version)])
    await expectRefused(install(twice), /needs 2 signatures of a publisher \(alice, bob\); it has 1/)
    const both = deliver(version, [sign(version), sign(version, keys.bob)])
    expect((await install(both)).outcome).toMatchObject({ state: 'succeeded' })
  })

  test('when any byte of the signed text changed', async () => {
    const version = honest(makeVersion(ledger, 1))
    const { canonical, signatures } = version.signed!
    for (const at of [1, canonical.indexOf('max') + 5, canonical.indexOf('timeoutMs') + 12, canonical.length - 2]) {
      const bytes = Buffer.from(canonical)
      bytes[at]! ^= 1
      const changed = { ...version, signed: { canonical: bytes.toString('latin1'), signatures } }
      await expectRefused(install(changed), /cannot be used|it has 0|was changed/)
    }
  })

  test('when JSON can be read in two ways', async () => {
    const version = honest(makeVersion(ledger, 1))
    const canonical = version.signed!.canonical.replace('{', '{"version":1,')
    const signatures = [signBytes(keys.alice, 'chandler-version', canonical)]
    await expectRefused(install({ ...version, signed: { canonical, signatures } }), /they are not canonical/)
  })

  test.each(['install', 'uninstall', 'update', 'output'] as const)(
    'with a changed or added %s script',
    async (kind) => {
      const version = honest(makeVersion(ledger, 1))
      const evil = `echo evil >> '${ledger}'`
      const { configuration } = version
      const attempt = install({
        ...version,
        configuration: { ...configuration, scripts: { ...configuration.scripts, [kind]: evil } },
      })
      // What the signed bytes do not name is left out.
      if (kind === 'install' || kind === 'uninstall')
        await expectRefused(attempt, new RegExp(`the ${kind} script differs`))
      else {
        expect((await attempt).outcome.state).toBe('succeeded')
        expect(readLedger(ledger)).not.toContain('evil')
      }
    },
  )

  test('with values outside of the signed limits, whatever limits the server sends', async () => {
    const version = honest(makeVersion(ledger, 1))
    const evil = { ...version, parameters: { port: 70_000 } }
    await expectRefused(install(evil), /The parameter port does not fit .* above the maximum 1024/)
    await expectRefused(install({ ...version, parameters: { port: 80, PATH: '/evil' } }), /parameter PATH/)
    const pattern = makeVersion(ledger, 2, { parameters: { name: { type: 'String', pattern: '[a-z]+' } } })
    await expectRefused(install(honest(pattern, { parameters: { name: '$(evil)' } })), /does not match|pattern/)
  })

  test('in the configuration of another platform', async () => {
    const [own] = makeVersion(ledger, 1).configurations
    const foreign = { ...own!, id: 'c2', platforms: [{ id: 'sailfish' }] }
    const version = makeVersion(ledger, 1, { configurations: [own!, foreign] })
    await expectRefused(
      install(honest(version, { configuration: JSON.parse(JSON.stringify(foreign)) })),
      /requested configuration c2 of demo v1; the one for this instance \(.*\) is c1/,
    )
    const elsewhere = makeVersion(ledger, 2, { scope: { platforms: [{ id: 'sailfish' }] } })
    await expectRefused(install(honest(elsewhere)), /no configuration for this instance/)
  })
  test('with options that its publisher did not sign', async () => {
    await expectRefused(
      install(honest(makeVersion(ledger, 1)), { allowRemovals: true }),
      /option allowRemovals .*a version can declare it/,
    )
    const removal = { action: 'uninstall' as const, autoremove: true }
    await expectRefused(install(honest(makeVersion(ledger, 1)), removal), /option autoremove .* signed\.$/)
  })
})

test('runAs, workDir, checks and the artifact are those of the signed bytes, whatever the server sends', async () => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(Buffer.from('honest'), 'demo.txt')
  const evil = shelf.add(Buffer.from('evil'), 'demo.txt')
  const worker = await TestEngine.start({ stateDirectory: await withTrust(), fetchArtifact: shelf.fetch })
  const version = withConfiguration(({ run }) => ({
    artifact,
    scripts: { install: `echo "$(cat "$CHANDLER_PACKAGE") $PWD $(id -u)" >> '${ledger}'\n` },
    run: { ...run, workDir: '/' },
  }))
  const delivered = honest(version)
  const { configuration } = delivered
  const hostile = {
    ...delivered,
    configuration: {
      ...configuration,
      artifact: evil,
      arch: 'any',
      run: { ...configuration.run, runAs: 'nobody', workDir: '/tmp', allowRemovals: true },
      verify: [{ kind: 'script' as const, script: `echo evil >> '${ledger}'`, withinMs: 0 }],
    },
  }
  const end = await worker.carryOut(makeInvocation({ wanted: hostile, builtins: {}, artifactUrl: artifact.sha256 }))
  expect(end.outcome).toMatchObject({ state: 'succeeded' })
  expect(readLedger(ledger)).toBe(`honest / ${process.getuid?.()}\n`)
  const swapped = await worker.carryOut(
    makeInvocation({ wanted: delivered, builtins: {}, reinstall: true, artifactUrl: evil.sha256 }),
  )
  // The honest bytes are still there; the address is not even asked.
  expect(swapped.outcome).toMatchObject({ state: 'succeeded' })
  expect(readLedger(ledger)).not.toContain('evil')
})

test('an artifact with other bytes is refused', async () => {
  const shelf = new ArtifactShelf()
  const artifact = shelf.add(Buffer.from('honest'), 'demo.txt')
  const evil = shelf.add(Buffer.from('changed'), 'demo.txt')
  const worker = await TestEngine.start({ stateDirectory: await withTrust(), fetchArtifact: shelf.fetch })
  const wanted = honest(withConfiguration(() => ({ artifact })))
  const end = await worker.carryOut(makeInvocation({ wanted, builtins: {}, artifactUrl: evil.sha256 }))
  expect(end.outcome).toMatchObject({ state: 'failed', reasonCode: 'ArtifactMismatch' })
  expect(readLedger(ledger)).toBe('')
})

async function withTrust(): Promise<string> {
  const folder = await makeFolder()
  await placeTrust(folder, trust())
  return folder
}

describe('an older version', () => {
  const me = () => readLedger(ledger)

  test('is refused, before and after an uninstall, and after a restart of the agent', async () => {
    const old = honest(makeVersion(ledger, 1))
    expect((await install(honest(makeVersion(ledger, 2)))).outcome.state).toBe('succeeded')
    await expectRefused(install(old, { action: 'update' }), /demo v1 is older than a version/, me())
    expect((await engine.carryOut(makeInvocation({ action: 'uninstall', builtins: {} }))).outcome.state).toBe(
      'succeeded',
    )
    await expectRefused(install(old), /the consent to go back needs 1 signature of a publisher \(alice\)/, me())
    await engine.worker.close()
    engine = await TestEngine.start({ stateDirectory: directory })
    await expectRefused(install(old), /demo v1 is older/, me())
  })

  test('does not come in as the version that the server calls installed', async () => {
    expect((await install(honest(makeVersion(ledger, 2)))).outcome.state).toBe('succeeded')
    await engine.carryOut(makeInvocation({ action: 'uninstall', builtins: {} }))
    const before = me()
    const failing = withConfiguration(() => ({ scripts: { install: 'exit 1' } }), makeVersion(ledger, 3))
    const end = await install(honest(failing), { action: 'update', installed: honest(makeVersion(ledger, 1)) })
    expect(end.outcome.state).toBe('failed')
    expect(me()).toBe(before)
  })

  test('with the number of the newest one and other content is refused', async () => {
    expect((await install(honest(makeVersion(ledger, 2)))).outcome.state).toBe('succeeded')
    const other = makeVersion(ledger, 2, { versionDescription: 'another v2' })
    await expectRefused(install(honest(other), { reinstall: true }), /demo v2 is older/, me())
  })

  test('is installed with the consent of its publisher', async () => {
    expect((await install(honest(makeVersion(ledger, 2)))).outcome.state).toBe('succeeded')
    const old = makeVersion(ledger, 1)
    const consent = [sign(old), sign(old, keys.alice, 'chandler-rollback')]
    expect((await install(deliver(old, consent), { action: 'update' })).outcome.state).toBe('succeeded')
    expect(me()).toContain('install v1')
  })
})

describe('what no publisher signs is refused', () => {
  const script = () => ({ ...honest(makeVersion(ledger, 1)), parameters: {} })

  test('a command, with and without the signature of a version', async () => {
    const { signed: _, ...command } = script()
    await expectRefused(install(command, { action: 'run' }), /Commands have no signatures/)
    await expectRefused(install(script(), { action: 'run' }), /Commands have no signatures/)
  })

  test('a change of OS packages', async () => {
    const osPackages = { action: 'install', installer: 'auto', names: ['evil'] } as const
    await expectRefused(
      install(script(), { action: 'run', osPackages: { ...osPackages, names: [...osPackages.names] } }),
      /Changes of OS packages have no signatures/,
    )
  })

  test('an agent', async () => {
    const agentUpgrade = { program: '9.9.9-0123456789ab', connectTimeoutMs: 1_000 }
    await expectRefused(
      install(script(), { action: 'run', agentUpgrade }),
      /cannot be used|needs 1 signature of the release key/,
    )
    const { signed: _, ...unsigned } = script()
    await expectRefused(
      install(unsigned, { action: 'run', agentUpgrade }),
      /Agent 9\.9\.9.* needs 1 signature of the release key \(carol\); it has 0/,
    )
    const arch = process.arch === 'arm64' ? 'arm64' : 'x86_64'
    const bundle = { sha256: 'a'.repeat(64), sizeBytes: 1 }
    const canonical = canonicalJson(makeAgentStatement('9.9.9', arch, bundle))
    const byPublisher = { canonical, signatures: [signBytes(keys.alice, 'chandler-agent', canonical)] }
    await expectRefused(
      install({ ...unsigned, signed: byPublisher }, { action: 'run', agentUpgrade }),
      /Agent 9\.9\.9 needs 1 signature of the release key \(carol\); it has 0\..*other keys/,
    )
    const old = canonical.replace('9.9.9', '0.0.1')
    const signed = { canonical: old, signatures: [signBytes(keys.carol, 'chandler-agent', old)] }
    await expectRefused(
      install({ ...unsigned, signed }, { action: 'run', agentUpgrade }),
      /Agent 0\.0\.1 is older than the one that runs/,
    )
  })
})

describe('the scripts of an installed version', () => {
  test('are those that were signed: a replaced uninstall script does not run', async () => {
    expect((await install(honest(makeVersion(ledger, 1)))).outcome.state).toBe('succeeded')
    const evil = deliver(
      withConfiguration(() => ({ scripts: { uninstall: `echo evil >> '${ledger}'` } })),
      [],
    )
    const end = await engine.carryOut(makeInvocation({ action: 'uninstall', installed: evil, builtins: {} }))
    expect(end.outcome.state).toBe('succeeded')
    expect(readLedger(ledger)).toMatch(/uninstall v1/)
    expect(readLedger(ledger)).not.toContain('evil')
  })

  test('do not run in place of those of another extension', async () => {
    expect((await install(honest(makeVersion(ledger, 1)))).outcome.state).toBe('succeeded')
    const before = readLedger(ledger)
    const other = honest(makeVersion(ledger, 1, { extensionName: 'demo-other' }))
    const attempt = install(other, { extensionName: 'demo-other' })
    await expectRefused(attempt, /demo was changed after it was signed: the extension demo-other differs/, before)
  })

  test('do not run if only the server says that they belong to it', async () => {
    const evil = deliver(makeVersion(ledger, 1), [])
    const end = await engine.carryOut(makeInvocation({ action: 'uninstall', installed: evil, builtins: {} }))
    expect(reasonOf(end)).toBe('It was not installed.')
    expect(readLedger(ledger)).toBe('')
  })

  test('from before the trust file run when the version is signed later', async () => {
    const folder = await makeFolder()
    const earlier = await TestEngine.start({ stateDirectory: folder })
    const version = makeVersion(ledger, 1)
    const { signed: _, ...unsigned } = honest(version)
    expect((await earlier.carryOut(makeInvocation({ wanted: unsigned, builtins: {} }))).outcome.state).toBe('succeeded')
    const before = readLedger(ledger)
    await placeTrust(folder, trust())
    const remove = (installed?: InstallationMessage) =>
      earlier.carryOut(makeInvocation({ action: 'uninstall', builtins: {}, ...(installed && { installed }) }))
    await expectRefused(remove(), /demo v1 was installed without a signature/, before)
    await expectRefused(remove(unsigned), /demo v1 was installed without a signature/, before)
    expect((await remove(honest(version))).outcome.state).toBe('succeeded')
    expect(readLedger(ledger)).toContain('uninstall v1')
  })
})

describe('a trust file', () => {
  test('that expired refuses everything', async () => {
    await placeTrust(directory, trust({ expires: '2020-01-01T00:00:00Z' }))
    await expectRefused(install(honest(makeVersion(ledger, 1))), /Version 1 of the trust file expired at 2020/)
    await expectRefused(install(honest(makeVersion(ledger, 1)), { action: 'run' }), /expired at 2020/)
  })

  test('that was removed or damaged refuses everything', async () => {
    const file = join(directory, 'trust', 'trust.json')
    writeFileSync(file, '{"format":"chandler-trust-1"')
    await expectRefused(install(honest(makeVersion(ledger, 1))), /trust\.json cannot be used/)
    rmSync(file)
    await expectRefused(install(honest(makeVersion(ledger, 1))), /trust\.json is missing/)
    await placeTrust(directory, trust())
    writeFileSync(join(directory, 'trust', 'newest.json'), 'damaged')
    await expectRefused(install(honest(makeVersion(ledger, 1))), /newest\.json cannot be used/)
  })

  test('is read and written by root alone', async () => {
    expect((await stat(join(directory, 'trust'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(directory, 'trust', 'trust.json'))).mode & 0o777).toBe(0o600)
    expect((await install(honest(makeVersion(ledger, 1)))).outcome.state).toBe('succeeded')
    expect((await stat(join(directory, 'trust', 'newest.json'))).mode & 0o777).toBe(0o600)
  })

  test('that precedes the state directory leaves it open for scripts of other users', async () => {
    const state = join(directory, 'new')
    await placeTrust(state, trust())
    expect((await stat(state)).mode & 0o777).toBe(0o711)
    expect((await stat(join(state, 'trust'))).mode & 0o777).toBe(0o700)
  })

  test('stops tasks that were journalled before it, and were not begun', async () => {
    const folder = await makeFolder()
    const earlier = await TestEngine.start({ stateDirectory: folder, parallel: 1 })
    const { signed: _, ...unsigned } = honest(makeVersion(ledger, 1))
    const gate = join(folder, 'gate')
    const waits = {
      ...unsigned,
      configuration: {
        ...unsigned.configuration,
        scripts: { install: `while ! [ -e '${gate}' ]; do sleep 0.02; done` },
      },
    }
    const first = makeInvocation({ extensionId: 'ext-first', wanted: waits, builtins: {} })
    const second = makeInvocation({ wanted: unsigned, builtins: {} })
    await earlier.worker.offer(first)
    await earlier.worker.offer(second)
    await placeTrust(folder, trust())
    writeFileSync(gate, '')
    expect((await earlier.end(first.id)).outcome.state).toBe('succeeded')
    await expectRefused(earlier.end(second.id), /received the task before it had a trust file/)
  })
})
