import {
  type Arbitrary,
  assert,
  boolean,
  constantFrom,
  infiniteStream,
  integer,
  oneof,
  option,
  property,
  record,
} from 'fast-check'
import { expect, test } from 'vitest'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { makeTextReason } from '../reason/reason.ts'
import { type InstallRequest, type PreviousInstall, planNextStep } from './install-plan.ts'
import type { InstallHistory, StepFailure, StepResult } from './install-step.ts'
import type { InstallStepId } from './install-step-ids.ts'
import type { PlannedInstallation } from './installation.ts'

const makeInstallation = (
  version: number,
  scripts: PlannedInstallation['configuration']['scripts'] = {},
  more = {},
): PlannedInstallation => ({
  version,
  parametersDigest: 'd'.repeat(64),
  configuration: { id: 'c1', scripts: { install: 'i', uninstall: 'u', ...scripts }, verify: [], ...more },
})
const has = (installation: PlannedInstallation, status: PreviousInstall['status'] = 'installed', recorded = true) => ({
  installation,
  status,
  recorded,
})
const failure: StepFailure = {
  state: 'failed',
  reasonCode: 'ScriptFailed',
  reason: makeTextReason('It failed.'),
  exitCode: 3,
}
const failed = (began = true): StepResult => ({ status: 'failed', began, failure })

/** Returns the steps in order and the end, with the named steps failing. */
function play(request: InstallRequest, failing: Partial<Record<InstallStepId, StepResult>> = {}) {
  const history: { [Id in InstallStepId]?: StepResult } = {}
  const steps: InstallStepId[] = []
  for (;;) {
    const decision = planNextStep(request, history)
    if (decision.kind === 'end') {
      const { outcome, change } = decision
      return { steps: steps.join(' '), outcome: { ...outcome, reason: renderEnglishReason(outcome.reason) }, change }
    }
    if (decision.kind === 'await') throw new Error('no step has begun here')
    if (decision.kind === 'reboot') throw new Error('no script requests a reboot here')
    steps.push(decision.step.id)
    history[decision.step.id] = failing[decision.step.id] ?? { status: 'done' }
  }
}

const v1 = makeInstallation(1)
const v2 = makeInstallation(2)
const checked = { verify: [{}] }

test('a first install with all further steps', () => {
  const wanted = makeInstallation(1, { output: 'o' }, checked)
  expect(play({ action: 'install', wanted })).toEqual({
    steps: 'prepareWanted installWanted verifyWanted outputWanted',
    outcome: { state: 'succeeded', reasonCode: 'Succeeded', reason: 'Installed v1.', exitCode: 0 },
    change: { status: 'installed', installation: 'wanted' },
  })
})

test('the record has the same version, configuration and parameters: nothing is run', () => {
  const same = play({ action: 'install', wanted: v1, previous: has(v1) })
  expect(same).toMatchObject({ steps: '', outcome: { state: 'succeeded', reasonCode: 'AlreadyAsWanted' } })
})

test('the same values with a digest of another kind, from an earlier server: nothing is run', () => {
  const recorded = { ...v1, parameters: { a: 1, b: 'x' }, parametersDigest: '0'.repeat(64) }
  const wanted = { ...v1, parameters: { b: 'x', a: 1 }, parametersDigest: '1'.repeat(64) }
  expect(play({ action: 'install', wanted, previous: has(recorded) })).toMatchObject({
    outcome: { reasonCode: 'AlreadyAsWanted' },
  })
  const other = play({
    action: 'install',
    wanted: { ...wanted, parameters: { a: 2, b: 'x' } },
    previous: has(recorded),
  })
  expect(other).toMatchObject({ outcome: { reasonCode: 'Succeeded' } })
})

const deb = makeInstallation(1, { install: undefined, uninstall: undefined }, { artifact: { kind: 'deb' } })
test.each([
  ['checks', makeInstallation(1, {}, checked), 'confirmInstalled'],
  ['a check by a script', makeInstallation(1, {}, { verify: [{ kind: 'script' }] }), 'prepareWanted confirmInstalled'],
  ['a package manager', deb, 'confirmInstalled'],
])('an installation that %s can confirm is confirmed before the end', (_, wanted, steps) => {
  const request = { action: 'install', wanted, previous: has(wanted) } as const
  expect(play(request)).toMatchObject({ steps, outcome: { reasonCode: 'AlreadyAsWanted' } })
  const lapsed = play(request, { confirmInstalled: failed(false) })
  expect(lapsed.steps).toMatch(/^(prepareWanted )?confirmInstalled (prepareWanted )?installWanted( verifyWanted)?$/)
  expect(lapsed).toMatchObject({
    outcome: {
      state: 'succeeded',
      reason: 'Installed v1 again. It was recorded as installed, but was not: It failed.',
    },
    change: { status: 'installed', installation: 'wanted' },
  })
  // A package that the instance does not have is not reported as installed if the reinstall fails.
  const twice = play(request, { confirmInstalled: failed(false), installWanted: failed(false) })
  expect(twice).toMatchObject({ outcome: { state: 'failed' }, change: { status: 'broken', installation: 'previous' } })
  const cancelled: StepFailure = {
    state: 'cancelled',
    reasonCode: 'CancelledByUser',
    reason: makeTextReason('Cancelled.'),
  }
  expect(play(request, { confirmInstalled: { status: 'failed', began: false, failure: cancelled } })).toMatchObject({
    outcome: { state: 'cancelled' },
    change: 'none',
  })
})

test('a reinstall installs the same version over itself, without a confirmation step', () => {
  for (const wanted of [v1, deb, makeInstallation(1, {}, checked)]) {
    const again = play({ action: 'install', wanted, previous: has(wanted), reinstall: true })
    expect(again.steps).toMatch(/^prepareWanted installWanted/)
    expect(again).toMatchObject({ outcome: { reason: 'Installed v1 again.' }, change: { installation: 'wanted' } })
  }
})

test.each([
  ['only the server believes it', has(v1, 'installed', false), 'prepareWanted installWanted'],
  ['it is broken', has(v1, 'broken'), 'prepareWanted installWanted'],
  [
    'the parameters differ',
    has({ ...v1, parametersDigest: 'e'.repeat(64) }),
    'prepareWanted prepareUninstall uninstallPrevious installWanted',
  ],
  [
    'another version is installed',
    has(makeInstallation(7)),
    'prepareWanted prepareUninstall uninstallPrevious installWanted',
  ],
])('installs when %s', (_, previous, steps) => {
  expect(play({ action: 'install', wanted: v1, previous })).toMatchObject({ steps, outcome: { state: 'succeeded' } })
})

test('an update prepares the new version before it removes the old one', () => {
  expect(play({ action: 'update', wanted: v2, previous: has(v1) })).toMatchObject({
    steps: 'prepareWanted prepareUninstall uninstallPrevious installWanted',
    outcome: { state: 'succeeded', reason: 'Updated v1 to v2.' },
    change: { status: 'installed', installation: 'wanted' },
  })
})

test('an update of an OS package leaves the old one to the package manager', () => {
  const makeDeb = (version: number) =>
    makeInstallation(version, { install: undefined, uninstall: undefined }, { artifact: { kind: 'deb' } })
  const request = { action: 'update', wanted: makeDeb(2), previous: has(makeDeb(1)) } as const
  expect(play(request).steps).toBe('prepareWanted keepPrevious installWanted')
  expect(play(request, { installWanted: failed() }).steps).toMatch(/installWanted prepareRestore restorePrevious$/)
})

const interrupted: StepFailure = {
  state: 'cancelled',
  reasonCode: 'CancelledByUser',
  reason: makeTextReason('It was cancelled.'),
}
test.each([
  ['was not installed before', undefined, 'prepareWanted installWanted removeWanted', 'absent'],
  ['was broken before', 'broken', 'prepareWanted installWanted', { status: 'broken', installation: 'wanted' }],
  [
    'was installed before',
    'installed',
    'prepareWanted keepPrevious installWanted prepareRestore restorePrevious',
    { status: 'installed', installation: 'previous' },
  ],
] as const)('an OS package whose installation is interrupted and that %s', (_, status, steps, change) => {
  const makeDeb = (version: number) =>
    makeInstallation(version, { install: undefined, uninstall: undefined }, { artifact: { kind: 'deb' } })
  const request = {
    action: 'install',
    wanted: makeDeb(2),
    ...(status && { previous: has(makeDeb(1), status) }),
  } as const
  const installWanted: StepResult = { status: 'failed', began: true, failure: interrupted }
  expect(play(request, { installWanted })).toMatchObject({ steps, change, outcome: { state: 'cancelled' } })
  expect(play(request, { installWanted: { ...installWanted, began: false } })).toMatchObject({ change: 'none' })
})

test('further effects of a step are reported at the end', () => {
  const outcome = play(
    { action: 'install', wanted: v1 },
    { installWanted: { status: 'done', said: makeTextReason('It removed x.') } },
  ).outcome
  expect(outcome.reason).toBe('Installed v1. It removed x.')
})

// The installed state after the failure of each step; `began: false`: the script did not start.
test.each([
  ['prepareWanted', failed(false), 'failed', 'ScriptFailed', 'none', 'prepareWanted'],
  [
    'uninstallPrevious',
    failed(false),
    'failed',
    'ScriptFailed',
    'none',
    'prepareWanted prepareUninstall uninstallPrevious',
  ],
  [
    'uninstallPrevious',
    failed(),
    'failed',
    'ScriptFailed',
    { status: 'broken', installation: 'previous' },
    'prepareWanted prepareUninstall uninstallPrevious',
  ],
  [
    'installWanted',
    failed(),
    'failed',
    'ScriptFailed',
    { status: 'installed', installation: 'previous' },
    /installWanted prepareRestore restorePrevious verifyPrevious$/,
  ],
  [
    'installWanted',
    failed(false),
    'failed',
    'ScriptFailed',
    { status: 'installed', installation: 'previous' },
    /installWanted prepareRestore restorePrevious verifyPrevious$/,
  ],
  [
    'verifyWanted',
    failed(),
    'failed',
    'ScriptFailed',
    { status: 'installed', installation: 'previous' },
    /verifyWanted prepareRestore restorePrevious verifyPrevious$/,
  ],
  [
    'outputWanted',
    failed(),
    'failed',
    'ScriptFailed',
    { status: 'installed', installation: 'wanted' },
    /verifyWanted outputWanted$/,
  ],
] as const)('Error_in_%s of an update (%j)', (id, result, state, reasonCode, change, steps) => {
  const request = {
    action: 'update',
    wanted: makeInstallation(2, { output: 'o' }, checked),
    previous: has(makeInstallation(1, {}, checked)),
  } as const
  const played = play(request, { [id]: result })
  expect(played).toMatchObject({ outcome: { state, reasonCode, exitCode: 3 }, change })
  expect(played.steps).toMatch(steps)
})

test.each(['prepareRestore', 'restorePrevious', 'verifyPrevious'] as const)(
  'Error_in_%s: the state is unknown',
  (id) => {
    const request = { action: 'update', wanted: v2, previous: has(makeInstallation(1, {}, checked)) } as const
    const restore: StepResult = {
      status: 'failed',
      began: true,
      failure: { ...failure, reason: makeTextReason('Worse.'), exitCode: 9 },
    }
    expect(
      play(request, {
        installWanted: { ...failed(), failure: { ...failure, state: 'timedOut' } } as StepResult,
        [id]: restore,
      }),
    ).toMatchObject({
      outcome: {
        state: 'failed',
        reasonCode: 'RestoreFailed',
        reason: 'It failed. Then v1 could not be put back: Worse.',
        exitCode: 9,
      },
      change: { status: 'broken', installation: 'previous' },
    })
  },
)

test('an update script replaces both steps; if it fails, the state is unknown', () => {
  const request = { action: 'update', wanted: makeInstallation(2, { update: 'u' }), previous: has(v1) } as const
  expect(play(request)).toMatchObject({ steps: 'prepareWanted updateWanted', outcome: { reason: 'Updated v1 to v2.' } })
  expect(play(request, { updateWanted: failed() })).toMatchObject({
    steps: 'prepareWanted updateWanted',
    outcome: {
      state: 'failed',
      reason:
        'It failed. The instance may have parts of v1 and v2. An update script cannot be undone: run the update again.',
    },
    change: { status: 'broken', installation: 'wanted' },
  })
})

test('an old version that cannot be reinstalled is not restored, and the outcome says so', () => {
  const request = { action: 'update', wanted: v2, previous: has(makeInstallation(1, { install: undefined })) } as const
  expect(play(request, { installWanted: failed() })).toMatchObject({
    outcome: { reason: 'It failed. v1 was not put back: it has no install script.' },
    change: { status: 'broken', installation: 'wanted' },
  })
})

test('an old version that cannot be uninstalled is overwritten, and the outcome says so', () => {
  const played = play({ action: 'update', wanted: v2, previous: has(makeInstallation(1, { uninstall: undefined })) })
  expect(played).toMatchObject({
    steps: 'prepareWanted installWanted',
    outcome: { reason: 'Updated v1 to v2, over the old one, which has no uninstall script.' },
  })
})

test('uninstall: by its script; forgotten without one; nothing to do if nothing is installed', () => {
  expect(play({ action: 'uninstall', previous: has(v1) })).toMatchObject({
    steps: 'prepareUninstall uninstallPrevious',
    outcome: { reason: 'Uninstalled v1.' },
    change: 'absent',
  })
  const forgotten = play({ action: 'uninstall', previous: has(makeInstallation(1, { uninstall: undefined })) })
  expect(forgotten).toMatchObject({
    steps: '',
    outcome: { state: 'succeeded', reason: expect.stringContaining('no uninstall script') },
    change: 'absent',
  })
  expect(play({ action: 'uninstall' })).toMatchObject({
    steps: '',
    outcome: { reasonCode: 'AlreadyAsWanted' },
    change: 'absent',
  })
  expect(play({ action: 'uninstall', previous: has(v1) }, { uninstallPrevious: failed() })).toMatchObject({
    outcome: { state: 'failed' },
    change: { status: 'broken', installation: 'previous' },
  })
})

test('a version that cannot be installed changes nothing', () => {
  const wanted = makeInstallation(2, { install: undefined }, { artifact: { kind: 'tar' } })
  expect(play({ action: 'update', wanted, previous: has(v1) })).toMatchObject({
    steps: '',
    outcome: { state: 'failed', reasonCode: 'Unsupported' },
    change: 'none',
  })
})

// ── Any request, any failures, an agent killed at any point ──

const installations = (version: Arbitrary<number>): Arbitrary<PlannedInstallation> =>
  record({
    version,
    parametersDigest: constantFrom('d'.repeat(64), 'e'.repeat(64)),
    configuration: record({
      id: constantFrom('c1', 'c2'),
      artifact: option(record({ kind: constantFrom('tar' as const, 'deb' as const) }), { nil: undefined }),
      scripts: record({
        install: option(constantFrom('i'), { nil: undefined }),
        uninstall: option(constantFrom('u'), { nil: undefined }),
        update: option(constantFrom('p'), { nil: undefined }),
        output: option(constantFrom('o'), { nil: undefined }),
      }),
      verify: constantFrom([], [{}]),
    }),
  })

const requests: Arbitrary<InstallRequest> = record({
  action: constantFrom('install' as const, 'update' as const, 'uninstall' as const),
  wanted: option(installations(integer({ min: 1, max: 3 })), { nil: undefined }),
  previous: option(
    record({
      installation: installations(integer({ min: 1, max: 3 })),
      status: constantFrom('installed' as const, 'broken' as const),
      recorded: boolean(),
    }),
    {
      nil: undefined,
    },
  ),
})

/**
 * The fate of the next step: its result, and after which journal write the agent is killed, if it
 * is.
 */
const fates = infiniteStream(
  record({
    goes: oneof(
      { weight: 3, arbitrary: constantFrom('well' as const) },
      { weight: 1, arbitrary: constantFrom('badly' as const) },
    ),
    killed: constantFrom('never', 'never', 'never', 'begun', 'afterRun') as Arbitrary<'never' | 'begun' | 'afterRun'>,
    reboot: constantFrom(undefined, undefined, 'due' as const, 'refused' as const),
  }),
)

/** The actual state of the instance: a configuration, nothing, or unknown. */
type Truth = PlannedInstallation | 'nothing' | 'unknown'

test('a script that has begun never begins again, every invocation ends, and its outcome is true', () => {
  assert(
    property(requests, fates, (request, fate) => {
      const { wanted, previous } = request
      const before: Truth =
        previous === undefined ? 'nothing' : previous.status === 'broken' ? 'unknown' : previous.installation
      let truth: Truth = before
      let ran = 0
      let journal: InstallHistory = {}
      /** The state outside the journal: the result of each step's script. */
      const world = new Map<InstallStepId, StepResult>()
      const scripts = new Set<InstallStepId>()
      const rebooted = new Set<InstallStepId>()

      for (let steps = 0; ; steps++) {
        expect(steps).toBeLessThan(60)
        const decision = planNextStep(request, journal)
        expect(planNextStep(request, journal), 'deciding twice is deciding once').toEqual(decision)
        if (decision.kind === 'end') {
          const { outcome, change } = decision
          const requests = Object.values(journal).map((result) =>
            result?.status === 'done' ? result.reboot : undefined,
          )
          expect(requests).not.toContain('due')
          if (outcome.reasonCode === 'Succeeded') expect(requests).not.toContain('refused')
          if (requests.includes('refused')) expect(outcome.reason.map(({ code }) => code)).toContain('RebootRefused')
          const isTrue = (installation: PlannedInstallation | undefined) => truth === installation
          if (change === 'none') expect(truth).toBe(before)
          else if (change === 'absent') expect(truth === 'nothing' || ran === 0).toBe(true)
          else if (change.status === 'installed')
            expect(isTrue(change.installation === 'wanted' ? wanted : previous?.installation)).toBe(true)
          else expect(outcome.state).not.toBe('succeeded')
          if (outcome.state === 'succeeded')
            // A recorded version that is missing is installed again.
            expect([...world].every(([id, { status }]) => status === 'done' || id === 'confirmInstalled')).toBe(true)
          else if (world.size > 0) expect([...world.values()].some(({ status }) => status === 'failed')).toBe(true)
          return
        }
        const { goes, killed, reboot } = fate.next().value
        if (decision.kind === 'reboot') {
          const { after } = decision
          expect(rebooted.has(after), `${after} reboots a second time`).toBe(false)
          // The agent was killed before the machine went down, and decides again.
          if (killed !== 'never') continue
          rebooted.add(after)
          const result: StepResult = goes === 'well' ? { status: 'done', reboot: 'done' } : failed()
          world.set(after, result)
          if (result.status === 'failed' && after !== 'outputWanted') truth = 'unknown'
          journal = { ...journal, [after]: result }
          continue
        }
        const { step } = decision
        if (decision.kind === 'await') {
          // The restarted agent learns the result; if the supervisor was killed, too, there is
          // none.
          const result = world.get(step.id) ?? failed()
          world.set(step.id, result)
          if (result.status === 'failed' && step.script !== 'output') truth = 'unknown'
          journal = { ...journal, [step.id]: result }
          continue
        }
        if (step.kind === 'run') {
          expect(scripts.has(step.id), `${step.id} begins a second time`).toBe(false)
          scripts.add(step.id)
          journal = { ...journal, [step.id]: { status: 'begun' } }
          if (killed === 'begun') continue
          ran++
          const result: StepResult = goes === 'well' ? { status: 'done', reboot } : failed()
          world.set(step.id, result)
          truth = truthAfter(
            truth,
            step.script ?? 'install',
            step.installation === 'wanted' ? wanted : previous?.installation,
            result,
          )
          if (killed === 'afterRun') continue
          journal = { ...journal, [step.id]: result }
          continue
        }
        // Preparing and verifying may be repeated, so a kill there only costs the repetition.
        if (killed !== 'never') continue
        const result: StepResult = goes === 'well' ? { status: 'done' } : failed(step.kind === 'verify')
        world.set(step.id, result)
        journal = { ...journal, [step.id]: result }
      }
    }),
    { numRuns: 2_000 },
  )
})

function truthAfter(
  truth: Truth,
  script: string,
  installation: PlannedInstallation | undefined,
  result: StepResult,
): Truth {
  if (script === 'output') return truth
  if (result.status !== 'done' || installation === undefined) return 'unknown'
  return script === 'uninstall' ? 'nothing' : installation
}
