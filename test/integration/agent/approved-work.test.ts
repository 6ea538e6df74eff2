/**
 * A server that an attacker controls, against a real agent whose trust file has an approver rule:
 * nothing runs that two of three approvers did not sign for this execution, this instance and these
 * values. Everything that runs writes to a ledger.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import type { StatedChange, StatedCommand, StatedOsPackages } from '../../../src/core/trust/plan-statement.ts'
import { sha256Of } from '../../../src/lib/digest.ts'
import { digestSecret } from '../../../src/lib/digest-secret.ts'
import type { InvocationMessage } from '../../../src/protocol/agent-messages.ts'
import { type End, makeFolder, makeInstall, makeInvocation, TestEngine } from './agent-engine.ts'
import { makeSignedPlan, type PlanDetails, testInstance } from './signed-plans.ts'
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
  type TrustDraft,
} from './signed-versions.ts'

let keyFolder: string
let keys: Record<'alice' | 'bob' | 'carol' | 'dora', SshKey>
beforeAll(async () => {
  keyFolder = await mkdtemp(join(tmpdir(), 'chandler-keys-'))
  const make = (name: string) => makeSshKey(keyFolder, name)
  keys = { alice: make('alice'), bob: make('bob'), carol: make('carol'), dora: make('dora') }
})
afterAll(() => rm(keyFolder, { recursive: true }))

let engine: TestEngine
let directory: string
let ledger: string
beforeEach(async () => {
  directory = await makeFolder()
  ledger = join(await makeFolder(), 'ledger')
  await trust()
  engine = await TestEngine.start({ stateDirectory: directory })
})

const trust = (approvers: TrustDraft = {}, more: TrustDraft = {}) =>
  placeTrust(
    directory,
    makeTrust(keys, { approvers: { keys: ['bob', 'carol', 'dora'], threshold: 2, ...approvers }, ...more }),
  )

const say = (what: string) => `echo "${what}$CHANDLER_PARAM_port$CHANDLER_PARAM_token" >> '${ledger}'\n`
const command = (more: Partial<StatedCommand> = {}): StatedCommand => ({
  kind: 'command',
  os: 'linux',
  scriptSha256: sha256Of(say('ran')),
  placeholders: true,
  timeoutMs: 60_000,
  parameters: {},
  secrets: {},
  ...more,
})

/** The task for the command; `more` is what the server changes in it. */
const run = (signedPlan: InvocationMessage['signedPlan'], more: Partial<InvocationMessage> = {}, script = say('ran')) =>
  engine.carryOut(
    makeInstall(
      { scripts: { install: script }, run: { timeoutMs: 60_000 } },
      { action: 'run', extensionName: '', builtins: {}, ...(signedPlan && { signedPlan }), ...more },
    ),
  )
const both = () => [keys.bob, keys.carol]
const plan = (details: PlanDetails = {}, signers = both(), does = command()) => makeSignedPlan(does, signers, details)

const reasonOf = ({ outcome }: End) => renderEnglishReason(outcome.reasonMessages ?? [])
async function expectRefused(attempt: Promise<End>, reason: RegExp, before = ''): Promise<void> {
  const end = await attempt
  expect({ ...end.outcome, reason: reasonOf(end) }).toMatchObject({
    state: 'failed',
    reasonCode: 'NotPermitted',
    reason: expect.stringMatching(reason),
  })
  expect(readLedger(ledger)).toBe(before)
}

describe('a command', () => {
  test('runs when enough approvers signed it', async () => {
    expect((await run(plan())).outcome).toMatchObject({ state: 'succeeded' })
    expect(readLedger(ledger)).toBe('ran\n')
  })

  test('is refused without a plan, and with too few signatures; the reason names the keys', async () => {
    await expectRefused(run(undefined), /exec-test needs 2 signatures of an approver \(bob, carol, dora\); it has 0/)
    await expectRefused(run(plan({}, [keys.bob])), /needs 2 signatures .* it has 1/)
    await expectRefused(run(plan({}, [keys.bob, keys.bob])), /it has 1/)
    await expectRefused(run(plan({}, [keys.bob, keys.alice])), /it has 1\. Signatures by other keys do not count/)
  })

  test('is refused with signatures for another purpose, or over other bytes', async () => {
    const signed = plan()
    const signatures = both().map((key) => signBytes(key, 'chandler-version', signed.canonical))
    await expectRefused(run({ ...signed, signatures }), /it has 0/)
    const canonical = signed.canonical.replace('2100', '2101')
    await expectRefused(run({ ...signed, canonical }), /it has 0/)
  })

  test('is refused if anything differs from the plan', async () => {
    await expectRefused(run(plan(), {}, say('evil')), /another value of scriptSha256/)
    const evil = makeInstall({ scripts: { install: say('ran') }, run: { timeoutMs: 60_000, runAs: 'nobody' } }).wanted
    await expectRefused(run(plan(), { wanted: evil }), /another value of runAs/)
    const later = makeInstall({ scripts: { install: say('ran') }, run: { timeoutMs: 60_001 } }).wanted
    await expectRefused(run(plan(), { wanted: later }), /another value of timeoutMs/)
    await expectRefused(run(plan(), { reboot: { timeoutMs: 1_000 } }), /another value of rebootTimeoutMs/)
    await expectRefused(run(plan(), { builtins: undefined }), /another value of placeholders/)
    const value = makeInstall({
      scripts: { install: say('ran') },
      run: { timeoutMs: 60_000 },
      parameters: { port: 1 },
    }).wanted
    await expectRefused(run(plan(), { wanted: value }), /another value of parameters\.port/)
    await expectRefused(run({ ...plan(), work: 7 }), /does not include this work/)
  })

  test('runs nothing beside the script: checks and an artifact of the server are left out', async () => {
    const wanted = makeInstall({
      scripts: { install: say('ran'), output: say('evil'), uninstall: say('evil') },
      run: { timeoutMs: 60_000 },
      verify: [{ kind: 'script', script: say('evil'), withinMs: 0 }],
    }).wanted
    expect((await run(plan(), { wanted })).outcome.state).toBe('succeeded')
    expect(readLedger(ledger)).toBe('ran\n')
  })

  test('is refused on another instance, also with the proof of this one', async () => {
    const others = ['i-1111111111111111', 'i-2222222222222222', 'i-3333333333333333']
    await expectRefused(run(plan({ instances: others })), /does not include this instance/)
    await expectRefused(
      run({ ...plan({ instances: others }), proof: plan({ instances: [...others, testInstance] }).proof }),
      /does not include this instance/,
    )
    expect((await run(plan({ instances: [...others, testInstance] }))).outcome.state).toBe('succeeded')
  })

  test('is refused with the signatures of another execution, and after the plan expired', async () => {
    await expectRefused(run(plan({ execution: 'exec-other' })), /is the plan of another execution/)
    await expectRefused(run(plan({ expires: '2020-01-01T00:00:00Z' })), /expired at 2020/)
    await trust({}, { expires: '2020-01-01T00:00:00Z', version: 2 })
    await expectRefused(run(plan()), /trust file expired/)
  })

  test('runs once for its signatures, also after a restart of the agent', async () => {
    const signed = plan()
    expect((await run(signed)).outcome.state).toBe('succeeded')
    await expectRefused(run(signed), /were used by inv-.*doing it again needs new signatures/, 'ran\n')
    await engine.worker.close()
    engine = await TestEngine.start({ stateDirectory: directory })
    await expectRefused(run(signed), /were used by inv-/, 'ran\n')
    // Other signatures over the same bytes are the same plan.
    await expectRefused(
      run({ ...signed, signatures: plan({}, [keys.carol, keys.dora]).signatures }),
      /were used/,
      'ran\n',
    )
  })

  test('that failed can be tried again with the same signatures', async () => {
    const script = `${say('ran')}[ -e '${ledger}.ok' ] || { touch '${ledger}.ok'; exit 1; }\n`
    const signed = plan({}, both(), command({ scriptSha256: sha256Of(script) }))
    expect((await run(signed, {}, script)).outcome.state).toBe('failed')
    expect((await run(signed, {}, script)).outcome.state).toBe('succeeded')
    await expectRefused(run(signed, {}, script), /were used/, 'ran\nran\n')
    expect(Object.keys(JSON.parse(readFileSync(join(directory, 'trust/used.json'), 'utf8')))).toHaveLength(1)
  })

  test('gets the secret values that the requester chose, and no others', async () => {
    const salt = 'ab'.repeat(16)
    const does = command({ secrets: { token: digestSecret(salt, 'token', 'right') } })
    const signed = makeSignedPlan(does, both(), { salt, secret: ['token'] })
    const wanted = (token: string) =>
      makeInstall({ scripts: { install: say('ran') }, run: { timeoutMs: 60_000 }, parameters: { token } }).wanted
    await expectRefused(run(signed, { wanted: wanted('evil') }), /another value of secrets\.token/)
    await expectRefused(run({ ...signed, secret: [] }, { wanted: wanted('right') }), /parameters\.token|secrets\.token/)
    expect(signed.canonical).not.toContain('right')
    expect((await run(signed, { wanted: wanted('right') })).outcome.state).toBe('succeeded')
    expect(readLedger(ledger)).toBe('ranright\n')
  })

  test('is refused as before if the trust file has no approvers', async () => {
    await placeTrust(directory, makeTrust(keys, { version: 2 }))
    await expectRefused(run(plan()), /Commands have no signatures of a publisher/)
  })
})

test('OS packages take the signed names and options', async () => {
  const does: StatedOsPackages = {
    kind: 'osPackages',
    action: 'install',
    installer: 'auto',
    names: ['honest'],
    timeoutMs: 60_000,
    allowRemovals: false,
    autoremove: false,
  }
  const request = (osPackages: Partial<NonNullable<InvocationMessage['osPackages']>>) =>
    run(makeSignedPlan(does, both()), {
      osPackages: { action: 'install', installer: 'auto', names: ['honest'], ...osPackages },
    })
  await expectRefused(request({ names: ['evil'] }), /another value of names/)
  await expectRefused(request({ allowRemovals: true }), /another value of allowRemovals/)
  await expectRefused(request({ action: 'uninstall' }), /another value of action/)
})

describe('a version', () => {
  const version = () => makeVersion(ledger, 1)
  const change = (more: Partial<StatedChange> = {}): StatedChange => ({
    kind: 'extension',
    action: 'install',
    extension: 'demo',
    version: 1,
    versionSha256: sha256Of(renderStatement(version())),
    reinstall: false,
    allowRemovals: false,
    autoremove: false,
    parameters: { port: 80 },
    secrets: {},
    ...more,
  })
  const install = (signedPlan: InvocationMessage['signedPlan'], more: Partial<InvocationMessage> = {}, port = 80) => {
    const one = version()
    const wanted = deliver(one, [signBytes(keys.alice, 'chandler-version', renderStatement(one))], {
      parameters: { port },
    })
    return engine.carryOut(makeInvocation({ wanted, builtins: {}, ...(signedPlan && { signedPlan }), ...more }))
  }

  test('takes its publisher and the approvers', async () => {
    await expectRefused(install(undefined), /exec-test needs 2 signatures of an approver/)
    await expectRefused(install(makeSignedPlan(change(), both()), {}, 81), /another value of parameters\.port/)
    await expectRefused(
      install(makeSignedPlan(change({ versionSha256: 'a'.repeat(64) }), both())),
      /another value of versionSha256/,
    )
    await expectRefused(install(makeSignedPlan(change({ action: 'update' }), both())), /another value of action/)
    expect((await install(makeSignedPlan(change(), both()))).outcome.state).toBe('succeeded')
    expect(readLedger(ledger)).toMatch(/^install v1 80 /)
  })

  test('is uninstalled with the consent of approvers only', async () => {
    expect((await install(makeSignedPlan(change(), both()))).outcome.state).toBe('succeeded')
    const before = readLedger(ledger)
    const { version: _, versionSha256: __, ...removal } = change({ action: 'uninstall', parameters: {} })
    const uninstall = (signedPlan: InvocationMessage['signedPlan']) =>
      engine.carryOut(makeInvocation({ action: 'uninstall', builtins: {}, ...(signedPlan && { signedPlan }) }))
    await expectRefused(uninstall(undefined), /needs 2 signatures of an approver/, before)
    await expectRefused(uninstall(makeSignedPlan(change(), both())), /another value of action/, before)
    expect((await uninstall(makeSignedPlan(removal, both()))).outcome.state).toBe('succeeded')
  })

  test('needs no approvers if their rule names other work', async () => {
    await trust({ operations: ['command'] }, { version: 2 })
    expect((await install(undefined)).outcome.state).toBe('succeeded')
    await expectRefused(run(undefined), /needs 2 signatures of an approver/, readLedger(ledger))
  })
})
