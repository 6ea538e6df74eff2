/** Overview: onboarding, live counts, items that need attention, and the chart. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from './console-system.ts'

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
})
afterAll(() => site.stop())

const step = (page: Page, name: string) => page.getByRole('link', { name, exact: true })

test('a new account is guided to its first instances, extension and execution, with live progress', async () => {
  const page = await site.open('/')
  await page.getByRole('heading', { name: 'Get started' }).waitFor()
  expect(await step(page, 'Enrol instances').getAttribute('href')).toMatch('/instances')
  expect(await step(page, 'Install on instances').getAttribute('href')).toBe('/batch')
  expect(await page.getByText('Done', { exact: true }).count()).toBe(0)
  expect(await site.findBarriers(page)).toEqual([])

  await site.system.simulate(4, '--duration', '10ms-30ms', '--name-prefix', 'web', '--seed', '7', '--tag', 'env=test')
  await page.getByRole('link', { name: 'Online: 4' }).waitFor()
  await site.system.createExtension('demo')
  await expect.poll(() => page.getByText('Done', { exact: true }).count()).toBe(2)

  const { code } = await site.system.run('install', 'demo', '--targets', 'all')
  expect(code).toBe(0)
  await page.getByRole('link', { name: 'Succeeded: 1' }).waitFor()
  expect(await page.getByRole('heading', { name: 'Get started' }).count()).toBe(0)
  await page.getByText('Nothing needs your attention').waitFor()
  await page.getByRole('row', { name: /demo.*4 instances.*v1 on 4 instances/ }).waitFor()
  await page.getByText('4 tasks succeeded, 0 failed, 0 cancelled').first().waitFor()
})

test('waiting executions and broken installations are listed with links', async () => {
  const { system } = site
  const behaviour = ['--duration', '10ms', '--failure-rate', '1']
  await system.simulate(2, ...behaviour, '--name-prefix', 'bad', '--tag', 'env=bad')
  await system.createExtension('fails')
  await system.run('install', 'fails', '--targets', 'tag:env=bad', '--max-errors', '100%')
  const waiting = system.start('install', 'fails', '--targets', 'tag:env=test', '--batch', '1', '--pause', 'first')
  const page = await site.open('/')
  const attention = page.getByRole('table').filter({ hasText: 'Details' })
  await attention.getByText('The next batch is waiting for approval').waitFor()
  const broken = attention.getByRole('row', { name: /Broken fails v1/ })
  for (const name of ['bad-1', 'bad-2']) await broken.getByRole('link', { name }).waitFor()
  await attention.getByRole('row', { name: /Failed Install fails v1/ }).waitFor()
  await page.getByRole('link', { name: 'Waiting for an operator: 1' }).waitFor()
  await expect.poll(() => site.findBarriers(page)).toEqual([])

  await attention
    .getByRole('row', { name: /waiting for approval/ })
    .getByRole('link')
    .click()
  await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/executions\/exec-/)
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  await page.goBack()
  await attention.getByText('The next batch is waiting for approval').waitFor()
  await system.run('execution', 'resume', id)
  await waiting.ended
  await expect.poll(() => attention.getByText('The next batch is waiting for approval').count()).toBe(0)
})

test('the activity period is part of the address', async () => {
  const page = await site.open('/')
  await page.getByRole('button', { name: '7 days' }).click()
  await expect.poll(() => new URL(page.url()).search).toBe('?days=7')
  await page.reload()
  await expect.poll(() => page.getByRole('button', { name: '7 days' }).getAttribute('aria-pressed')).toBe('true')
  await page.getByRole('application', { name: /Activity/ }).waitFor()
})

test('the page works in Chinese, dark and on a narrow screen', async () => {
  const page = await site.open('/', {
    language: 'zh-CN',
    colorScheme: 'dark',
    viewport: { width: 480, height: 900 },
  })
  await page.getByRole('heading', { name: '需要处理' }).waitFor()
  await page.getByRole('link', { name: '在线: 6' }).waitFor()
  await expect.poll(() => page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
})
