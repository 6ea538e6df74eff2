/**
 * Resources in use cannot be deleted: neither alone nor together with others, and no part of them
 * changes.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { makeExecutionCalls } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let calls: ReturnType<typeof makeExecutionCalls>
let ids: InstanceId[]
let count = 0
let name: string

beforeAll(async () => {
  oos = await startOosPlane()
  calls = makeExecutionCalls(oos.call)
  ids = await oos.plane.enrol(1)
})
afterAll(() => oos.stop())
beforeEach(async () => {
  name = `used-${++count}`
  await oos.plane.makeExtension(name)
  await oos.plane.makeExtension(`free-${count}`)
})

const startOne = async (parameters: Readonly<Record<string, unknown>> = {}): Promise<ExecutionId> =>
  (await calls.start(ids, { packageName: name, ...parameters })).ExecutionId

async function end(id: ExecutionId): Promise<void> {
  await oos.plane.end(await oos.plane.takeWork(ids, 1))
  await oos.plane.untilStatus(id, 'Success')
}

/** Of all templates, versions and executions. */
const readRows = () =>
  Promise.all(
    (['extensions', 'extension_versions', 'executions', 'favorite_templates'] as const).map((table) =>
      oos.plane.db.database.selectFrom(table).selectAll().execute(),
    ),
  )

async function expectRefused(): Promise<void> {
  const before = await readRows()
  for (const AutoDeleteExecutions of ['false', 'true']) {
    expect(await calls.errorOf('DeleteTemplate', { TemplateName: name, AutoDeleteExecutions })).toBe('TemplateInUse')
    // `free` comes first: it must still exist when `used` is refused.
    const TemplateNames = JSON.stringify([`free-${count}`, name])
    expect(await calls.errorOf('DeleteTemplates', { TemplateNames, AutoDeleteExecutions })).toBe('TemplateInUse')
  }
  expect(await readRows()).toEqual(before)
}

test('while an execution of it is open', async () => {
  const id = await startOne()
  const work = await oos.plane.takeWork(ids, 1)
  await expectRefused()
  await oos.plane.end(work)
  await oos.plane.untilStatus(id, 'Success')
})

test('while an instance has it installed', async () => {
  await end(await startOne())
  await expectRefused()
})

test.each([
  ['false', 1],
  ['true', 0],
])(
  'what is not in use any more is deleted; AutoDeleteExecutions %s leaves %i of its executions',
  async (flag, left) => {
    const id = await startOne()
    await end(id)
    await oos.plane.db.database.deleteFrom('installed_states').execute()
    await oos.call('UpdateTemplateAttributes', { TemplateName: name, IsFavorite: 'true' })
    await oos.call('DeleteTemplate', { TemplateName: name, AutoDeleteExecutions: flag })
    expect(await calls.errorOf('GetTemplate', { TemplateName: name })).toBe('EntityNotExists.Template')
    expect((await oos.call('ListExecutions', { ExecutionId: id })).Executions).toHaveLength(left)
    // A template with the same name is a different template, without the mark.
    await oos.plane.makeExtension(name)
    expect((await oos.call('ListTemplates', { IsFavorite: 'true' })).Templates).toEqual([])
  },
)
