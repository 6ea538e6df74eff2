import { afterEach, beforeEach, expect, test } from 'vitest'
import { canonicalParameters } from '../../../src/core/extension/parameter.ts'
import { sha256Of } from '../../../src/lib/digest.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import { rekeyDigests } from '../../../src/server/app/execution/rekey-digests.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

const values = { port: 8080, token: 'hunter2' }
/**
 * The digest that an attacker who guesses the token would compute, and that earlier releases
 * stored.
 */
const plain = sha256Of(canonicalParameters(values))
const request = { extension: 'demo', parameters: { token: 'hunter2' }, clientToken: 'once' }

test('no digest in the database can be computed from the values', async () => {
  await installDemo()
  const stored = await storedText()
  expect(stored).not.toContain(plain)
  expect(stored).not.toContain(sha256Of(JSON.stringify(values)))
})

test('digests of an earlier release still compare, and are replaced', async () => {
  const { id, ids } = await installDemo()
  await plane.stopDispatcher()
  await storePlainDigests()
  expect(await storedText()).toContain(plain)
  // Beside a server of the earlier release, which may have stored this a moment ago.
  expect(await planSteps(ids)).toEqual(['none'])
  await rekeyDigests(plane.context)
  expect(await storedText()).not.toContain(plain)
  expect(await planSteps(ids)).toEqual(['none'])
  expect(await planSteps(ids, { token: 'other' })).toEqual(['update'])
  expect(await plane.start(request)).toBe(id)
  await expect(plane.start({ ...request, parameters: { token: 'other' } })).rejects.toMatchObject({
    code: 'ClientTokenReused',
  })
})

test('an agent that received a plain digest before the upgrade reports it: its values are found', async () => {
  for (const rekeys of [true, false]) {
    const ids = await plane.enrol(1)
    const id = await plane.start({ ...request, clientToken: `upgrade-${rekeys}`, targets: { kind: 'ids', ids } })
    const [work] = await plane.takeWork(ids, 1)
    await storePlainDigests()
    if (rekeys) await rekeyDigests(plane.context)
    await applyReports(plane.context, [reportInstalled(work!, plain)])
    const { rows } = await plane.db.pool.query(
      'select execution_id, parameters, parameters_digest, secret_parameters_sealed is not null as sealed from installed_states where instance_id = $1',
      ids,
    )
    expect(rows).toEqual([
      {
        execution_id: id,
        parameters: { port: 8080 },
        parameters_digest: plane.context.digests.rekey(plain),
        sealed: true,
      },
    ])
    expect(await planSteps(ids)).toEqual(['none'])
  }
})

test('every row is replaced, also of several extensions, and a second round finds nothing', async () => {
  await plane.makeExtension('more')
  const ids = await plane.enrol(3)
  const { parameters } = request
  await plane.start({
    operation: {
      kind: 'extensions',
      action: 'install',
      extensions: [
        { extension: 'demo', parameters },
        { extension: 'more', parameters },
      ],
    },
    targets: { kind: 'ids', ids },
  })
  // A row that the dispatcher has locked is left for the next round.
  await plane.stopDispatcher()
  await storePlainDigests()
  await rekeyDigests(plane.context)
  expect(await storedText()).not.toContain(plain)
  const before = await storedDigests()
  expect(before).toHaveLength(5)
  await rekeyDigests(plane.context)
  expect(await storedDigests()).toEqual(before)
})

async function installDemo() {
  const ids = await plane.enrol(1)
  const id = await plane.start(request)
  const [work] = await plane.takeWork(ids, 1)
  await applyReports(plane.context, [reportInstalled(work!, plane.context.digests.rekey(plain))])
  await plane.untilStatus(id, 'Success')
  return { id, ids }
}

function reportInstalled(work: { instanceId: Report['instanceId']; invocationId: string }, parametersDigest: string) {
  const end = makeEnd(work.instanceId, work.invocationId, 'succeeded') as Extract<Report, { kind: 'end' }>
  const installed = { status: 'installed', version: 1, configurationId: 'c1', parametersDigest } as const
  return { ...end, outcome: { ...end.outcome, installed } }
}

const planSteps = async (ids: readonly Report['instanceId'][], parameters = request.parameters) => {
  const operation = { kind: 'extension', action: 'install', extension: 'demo', parameters } as const
  const body = { operation, targets: { kind: 'ids', ids } as const, rateControl: {} }
  return (await makePlan(plane.context, actor, body)).planned.map(({ step }) => step)
}

/** Of the execution and its two parts, in its operation and in separate rows. */
const storedDigests = async () => [...(await storedText()).matchAll(/6b657931[0-9a-f]{56}/g)].map(String)

async function storedText() {
  const { rows } = await plane.db.pool.query(`
    select string_agg(t.text, '' order by t.text) as text from (
      select row_to_json(e)::text as text from executions e
      union all select row_to_json(p)::text from execution_parts p
      union all select row_to_json(s)::text from installed_states s
      union all select row_to_json(a)::text from audit_log a
    ) t`)
  return String(rows[0].text)
}

/** As earlier releases stored them. */
async function storePlainDigests() {
  const { pool } = plane.db
  const kept = await pool.query("select id, request_digest from executions where request_digest like '6b657931%'")
  const plainRequest = sha256Of(
    '{"deliveryTimeoutMs":600000,"description":"","mode":"Automatic","operation":{"action":"install","extension":"demo",' +
      '"kind":"extension","parameters":{"token":"hunter2"}},"rateControl":{},"targets":{"kind":"all"}}',
  )
  const digest = plane.context.digests.rekey(plainRequest)
  await pool.query('update executions set request_digest = case when request_digest = $1 then $2 else $3 end', [
    digest,
    plainRequest,
    sha256Of(`another request of ${kept.rowCount}`),
  ])
  await pool.query(
    `update executions set operation = jsonb_set(operation, '{parametersDigest}', to_jsonb($1::text)) where operation ? 'parametersDigest'`,
    [plain],
  )
  await pool.query(
    `update executions set operation = jsonb_set(operation, '{parts}', (
       select jsonb_agg(jsonb_set(part, '{parametersDigest}', to_jsonb($1::text))) from jsonb_array_elements(operation -> 'parts') part
     )) where operation ? 'parts'`,
    [plain],
  )
  await pool.query('update execution_parts set parameters_digest = $1', [plain])
  await pool.query('update installed_states set parameters_digest = $1', [plain])
}
