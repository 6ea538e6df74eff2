/** Every page of the console: light, dark, narrow, Chinese. They are there to be looked at. */
import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConsoleSystem, type OpenOptions, startConsoleSystem } from '../e2e/console-system.ts'

const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))

const variants: Readonly<Record<string, OpenOptions>> = {
  light: {},
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: 480, height: 900 } },
  chinese: { language: 'zh-CN' },
}

let site: ConsoleSystem
/** Of an execution with failures. */
let executionId: string
let instanceId: string

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  site = await startConsoleSystem()
  const { system } = site
  await system.simulate(60, '--seed', '7', '--duration', '200ms', '--failure-rate', '6%', '--tag', 'env=prod')
  for (const name of ['web-server', 'log-shipper']) {
    await system.createExtension(name)
    await system.json(
      'extension',
      'update',
      await system.makeExtension(name, { 'install.sh': '#!/bin/sh\nset -e\necho hello again\n' }),
    )
  }
  const install = (name: string, ...options: string[]) => system.run('install', name, '--targets', 'all', ...options)
  await install('log-shipper', '--max-errors', '50%')
  await install('web-server', '--version', 'v1', '--batch', '1,10%,50%', '--max-errors', '50%')
  await system.run('update', 'web-server', '--targets', 'all', '--batch', '5,20%', '--max-errors', '50%')
  const [execution] = await system.json<{ id: string }[]>('execution', 'list')
  const [instance] = await system.json<{ id: string }[]>('instance', 'list')
  executionId = execution?.id ?? ''
  instanceId = instance?.id ?? ''
})
afterAll(() => site.stop())

const pages: Readonly<Record<string, () => string>> = {
  'sign-in': () => '/',
  overview: () => '/',
  instances: () => '/instances',
  instance: () => `/instances/${instanceId}`,
  extensions: () => '/extensions',
  extension: () => '/extensions/web-server',
  'create-extension': () => '/extensions/create',
  batch: () => '/batch?action=install&extension=web-server&by=tags&tags=env=prod&control=Batch&pause=FirstBatchPause',
  'batch-confirmation': () => '/batch?action=install&extension=web-server&version=v1&by=all&control=Batch&step=confirm',
  executions: () => '/executions',
  execution: () => `/executions/${executionId}`,
  access: () => '/access',
}

test.each(Object.keys(pages))('%s', async (name) => {
  for (const [variant, options] of Object.entries(variants)) {
    const page = await site.open(pages[name]?.() ?? '/', { ...options, signedIn: name !== 'sign-in' })
    await page.getByRole('heading').first().waitFor()
    await page
      .waitForFunction('!document.querySelector("main [role=status], .awsui_loading")', undefined, { timeout: 10_000 })
      .catch(() => undefined)
    await page.evaluate('document.fonts.ready')
    await page.screenshot({ path: `${folder}${name}-${variant}.png` })
    expect(await page.getByRole('heading').count(), `${name} ${variant}`).toBeGreaterThan(0)
    await page.context().close()
  }
})
