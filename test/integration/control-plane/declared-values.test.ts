import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InstanceId } from '../../../src/core/id.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { declareValues, readValues, type ValuesRequest } from '../../../src/server/app/assignment/declared-values.ts'
import { createExtension } from '../../../src/server/app/extension/create-extension.ts'
import { createGroup, removeGroup } from '../../../src/server/app/instance/groups.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let one: InstanceId
let other: InstanceId

beforeEach(async () => {
  plane = await startControlPlane()
  const [first, second] = (await plane.enrol(2)).toSorted()
  one = first!
  other = second!
  await createExtension(plane.context, actor, {
    name: 'demo',
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {
      port: { type: 'Number', default: 80, max: 65_535 },
      token: { type: 'String', noEcho: true, default: '' },
    },
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: '#!/bin/sh\ntrue\n' },
        verify: [],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
  await createGroup(plane.context, actor, { name: 'all', filter: 'all', description: '' })
  await createGroup(plane.context, actor, { name: 'first', filter: `id=${one}`, description: '' })
})
afterEach(() => plane.stop())

const declare = (scope: ValuesRequest['scope'], subject: string, values: ValuesRequest['values']) =>
  declareValues(plane.context, actor, { extension: 'demo', scope, subject, values, replaces: false })
const operation = { kind: 'extension', action: 'install', extension: 'demo', parameters: {} } as const
const targets = { kind: 'all' } as const

async function plan() {
  const { planned, sets } = await makePlan(plane.context, actor, { operation, targets, rateControl: {} })
  return new Map(
    planned.map(({ instanceId, step, reason, parameterSet }) => [
      instanceId,
      [step, sets[0]?.get(parameterSet).values['port'], renderEnglishReason(reason)],
    ]),
  )
}

test('every instance gets the value of its group, tag or its own, and the plan names the source', async () => {
  await declare('group', 'all', { port: 81 })
  expect(await plan()).toEqual(
    new Map([
      [one, ['install', 81, expect.stringContaining('port from group all')]],
      [other, ['install', 81, expect.stringContaining('port from group all')]],
    ]),
  )
  await declare('instance', one, { port: 82 })
  expect((await plan()).get(one)).toEqual(['install', 82, expect.stringContaining('port from the instance')])

  const execution = await plane.start({ extension: 'demo', rateControl: { concurrency: 10 } })
  await plane.takeWork([one, other], 2)
  const work = await handOutWork(plane.context, [one, other])
  const portOf = (id: InstanceId) => work.get(id)?.invocations[0]?.wanted?.parameters['port']
  expect([execution.startsWith('exec-'), portOf(one), portOf(other)]).toEqual([true, 82, 81])
})

test('two groups that contradict each other leave out only the instances of both', async () => {
  await declare('group', 'all', { port: 81 })
  await declare('group', 'first', { port: 82 })
  const planned = await plan()
  expect(planned.get(one)).toEqual(['skip', expect.anything(), expect.stringContaining('group all and group first')])
  expect(planned.get(other)).toMatchObject(['install', 81, {}])
  // A tag decides.
  await plane.db.pool.query(`update instances set tags = '{"env":"prod"}' where id = $1`, [one])
  await declare('tag', 'env=prod', { port: 83 })
  expect((await plan()).get(one)).toEqual(['install', 83, expect.stringContaining('port from tag env=prod')])
})

test('values are checked, merged, removed, and deleted with their group', async () => {
  await expect(declare('group', 'all', { port: 'many' })).rejects.toMatchObject({ code: 'ValuesInvalid' })
  await expect(declare('group', 'all', { token: 'visible' })).rejects.toMatchObject({ code: 'ValuesInvalid' })
  await expect(declare('group', 'all', { unknown: 1 })).rejects.toMatchObject({ code: 'ValuesInvalid' })
  await expect(declare('group', 'nothing', { port: 1 })).rejects.toMatchObject({ code: 'GroupNotFound' })
  await expect(declare('instance', 'i-nothing', { port: 1 })).rejects.toMatchObject({ code: 'InstanceNotFound' })
  expect(await readValues(plane.context, actor)).toEqual([])

  await declare('group', 'first', { port: 1 })
  await declare('tag', 'env=prod', { port: 2 })
  expect(await declare('tag', 'env=prod', { port: null })).toEqual({})
  expect(await readValues(plane.context, actor)).toMatchObject([
    { scope: 'group', subject: 'first', values: { port: 1 } },
  ])
  await removeGroup(plane.context, actor, 'first')
  expect(await readValues(plane.context, actor)).toEqual([])
})
