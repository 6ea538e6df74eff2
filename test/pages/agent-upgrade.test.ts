/** Agents are upgraded from the instance table: selection, plan, batches, execution. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExecutionView } from '../../src/protocol/api/executions.ts'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'

const older = '0.0.9-0123456789ab'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
  const { system } = site
  await system.simulate(5)
  // Simulated agents are not installed: these are, with an older agent; the fifth cannot be upgraded.
  await system.db.pool.query(
    `UPDATE instances SET facts = jsonb_set(facts, '{os,arch}', '"x86_64"')
       || CASE WHEN name = 'sim-5' THEN '{}' ELSE jsonb_build_object('agentProgram', $1::text) END`,
    [older],
  )
})
afterAll(() => site.stop())

test('selected instances, the plan of each one, batches, and the execution, which can be repeated', async () => {
  const page = await site.open('/instances')
  await page.getByRole('checkbox', { name: 'Select all on this page' }).press('Space')
  await page.getByText('5 instances selected').waitFor()
  await page.getByRole('link', { name: 'Upgrade agents', exact: true }).click()
  await page.getByText('5 instances selected').waitFor()
  await page.getByText('Running scripts continue.').waitFor()
  expect(await page.getByRole('button', { name: /Extension/ }).count()).toBe(0)
  await page.getByLabel('Batch sizes').fill('1, 50%')
  const limit = page.getByLabel('Time limit to connect, in minutes')
  await limit.fill('9')
  await page.getByText('Enter a number of minutes between').waitFor()
  await limit.fill('3')
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Next: parameter confirmation' }).click()

  const planned = page.getByRole('table', { name: 'Instances in this plan' })
  // The first plan builds the program that agents get, which takes long on a busy machine.
  await planned.getByText(`agent ${older} ->`).first().waitFor()
  expect(await planned.getByText(`agent ${older} ->`).count()).toBe(4)
  await page.getByRole('button', { name: 'Left out 1' }).click()
  await planned.getByText('run the install command').waitFor()
  expect(await page.getByRole('region', { name: 'Command', exact: true }).textContent()).toMatch(
    /^chandler agent upgrade \\\n {2}--connect-timeout 180s \\\n {2}--targets id:\S+ \\\n {2}--batch 1,50% /,
  )
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Create execution' }).click()
  await page.waitForURL(/\/executions\/exec-/)
  const id = page.url().split('/').at(-1) ?? ''
  const show = () => site.system.json<ExecutionView>('execution', 'show', id)
  await expect.poll(async () => (await show()).status).toBe('Success')
  const { operation, batches } = await show()
  expect(operation).toMatchObject({ kind: 'agentUpgrade', connectTimeoutMs: 180_000 })
  expect(batches.map(({ size }) => size)).toEqual([1, 2, 1])

  const again = await site.open(`/batch?again=${id}`)
  await again.getByText('Running scripts continue.').waitFor()
  expect(await again.getByLabel('Batch sizes').inputValue()).toBe('1, 50%')
  expect(await again.getByLabel('Time limit to connect, in minutes').inputValue()).toBe('3')
})

test('in Chinese', async () => {
  const page = await site.open('/instances', { language: 'zh-CN' })
  await page.getByRole('checkbox', { name: /sim-1$/ }).check()
  await page.getByRole('link', { name: '升级 Agent', exact: true }).click()
  await page.getByText('正在运行的脚本不受影响').waitFor()
  await page.getByRole('button', { name: '下一步：参数确认' }).click()
  const why = page.getByRole('table', { name: '计划中的实例' }).getByText(older)
  expect(await why.textContent()).toMatch(new RegExp(`^Agent ${older} → `))
})
