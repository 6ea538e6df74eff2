/**
 * The main workflow on real agents: create an extension, install it in batches, update, uninstall
 * and delete it. Once by mouse, once by keyboard.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import { type Hands, keyboard, mouse } from '../e2e/hands.ts'

const names = ['alpha', 'beta', 'gamma']

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
  const { system } = site
  const { stdout } = await system.run('token', 'create', '--uses', 'unlimited')
  for (const name of names) {
    const state = join(system.folder, name)
    system.start('agent', '--server', system.server, '--token', stdout.trim(), '--state', state, '--name', name)
  }
  await vi.waitFor(
    async () => {
      const online = await system.json<unknown[]>('instance', 'list', '--status', 'online')
      if (online.length < names.length) throw new Error(`${online.length} are online`)
    },
    { timeout: 60_000, interval: 200 },
  )
})
afterAll(() => site.stop())

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })
const navigate = (page: Page, hands: Hands, name: string) =>
  hands.press(page.getByRole('navigation').getByRole('link', { name, exact: true }))

const scripts = {
  install: `#!/bin/sh
set -e
test "$(cat "$CHANDLER_PACKAGE")" = "the package of $CHANDLER_EXTENSION"
echo "I say: {{ greeting }}"
`,
  update: `#!/bin/sh
echo "now I say: {{ greeting }}"
`,
  uninstall: `#!/bin/sh
echo 'I am gone'
`,
}

async function createExtension(page: Page, hands: Hands, name: string) {
  await navigate(page, hands, 'Extensions')
  await heading(page, 'Extensions')
  await hands.press(page.getByRole('main').getByRole('link', { name: 'Create extension' }).first())
  await hands.write(page.getByLabel('Name', { exact: true }), name)
  await hands.choose(button(page, 'Type Application'), 'Agent')
  await hands.write(page.getByLabel('Version description'), 'the first one')
  await hands.press(button(page, 'Add parameter'))
  await hands.write(page.getByLabel('Name', { exact: true }).last(), 'greeting')
  await hands.check(page.getByLabel('Required'))
  await hands.write(page.getByLabel('Default value'), 'hello')
  await hands.press(button(page, 'Next'))

  await page.getByRole('heading', { name: 'Configurations', exact: true }).waitFor()
  const path = join(site.system.folder, `${name}.bin`)
  await writeFile(path, `the package of ${name}`)
  await hands.chooseFile('Choose file', path)
  await page.getByText(`${name}.bin`).first().waitFor()
  await page.getByText('SHA-256', { exact: true }).first().waitFor()
  await hands.write(page.getByLabel('Install script of configuration 1'), scripts.install)
  await hands.press(page.getByRole('tab', { name: /^Uninstall/ }))
  await hands.write(page.getByLabel('Uninstall script of configuration 1'), scripts.uninstall)
  await hands.press(button(page, 'Next'))

  await page.getByRole('heading', { name: 'Review', exact: true }).waitFor()
  await page
    .getByText(/^Validation passed/)
    .first()
    .waitFor()
  await hands.press(button(page, 'Create'))
  await heading(page, name)
  await page.getByText(`${name} v1 created`).waitFor()
}

/** From the form to the execution page. */
async function confirm(page: Page, hands: Hands) {
  await hands.press(button(page, 'Next: parameter confirmation'))
  await heading(page, 'Parameter confirmation')
  await page.getByRole('rowheader', { name: 'alpha' }).waitFor()
  await hands.press(button(page, 'Create execution'))
}

async function seeSuccess(page: Page, title: string) {
  await heading(page, title)
  await page.getByText('Success', { exact: true }).filter({ visible: true }).first().waitFor()
  await page.getByRole('button', { name: 'Success 3' }).waitFor()
}

async function seeOutput(page: Page, hands: Hands, instance: string, text: string) {
  await hands.press(button(page, `Show the task on ${instance}`))
  await page
    .getByRole('region', { name: `Task on ${instance}` })
    .getByText(text)
    .first()
    .waitFor()
}

const openBatch = (page: Page, hands: Hands) => navigate(page, hands, 'Batch software management')

async function install(page: Page, hands: Hands, name: string) {
  await openBatch(page, hands)
  await hands.choose(button(page, /^Extension/), new RegExp(name))
  await hands.write(page.getByLabel('greeting'), `it's $(me) & "you"`)
  await hands.check(page.getByRole('checkbox', { name: 'Select all on this page' }))
  await page.getByText('3 instances selected').waitFor()
  await hands.check(page.getByRole('radio', { name: 'Batches' }))
  await hands.write(page.getByLabel('Batch sizes'), '1, 2')
  await page.getByText('2 batches').waitFor()
  await confirm(page, hands)
  await seeSuccess(page, `Install ${name} v1`)
  await seeOutput(page, hands, 'beta', `I say: it's $(me) & "you"`)
}

async function update(page: Page, hands: Hands, name: string) {
  await navigate(page, hands, 'Extensions')
  await hands.press(page.getByRole('link', { name, exact: true }))
  await heading(page, name)
  await hands.press(page.getByRole('main').getByRole('link', { name: 'Create new version' }))
  await hands.write(page.getByLabel('Version description'), 'the second one')
  await hands.press(button(page, 'Next'))
  await hands.press(page.getByRole('tab', { name: /^Update/ }))
  await hands.write(page.getByLabel('Update script of configuration 1'), scripts.update)
  await hands.press(button(page, 'Next'))
  await page
    .getByText(/^Validation passed/)
    .first()
    .waitFor()
  await hands.press(button(page, 'Create version'))
  await page.getByText(`${name} v2 created`).waitFor()

  await openBatch(page, hands)
  await hands.check(page.getByRole('radio', { name: 'Update' }))
  await hands.choose(button(page, /^Extension/), new RegExp(name))
  await hands.press(button(page, 'All instances'))
  await confirm(page, hands)
  await seeSuccess(page, `Update ${name} v2`)
  await seeOutput(page, hands, 'gamma', `now I say: it's $(me) & "you"`)
}

async function uninstall(page: Page, hands: Hands, name: string) {
  await openBatch(page, hands)
  await hands.check(page.getByRole('radio', { name: 'Uninstall' }))
  await hands.choose(button(page, /^Extension/), new RegExp(name))
  await hands.press(button(page, 'All instances'))
  await confirm(page, hands)
  await seeSuccess(page, `Uninstall ${name}`)
  await seeOutput(page, hands, 'alpha', 'I am gone')
}

async function deleteExtension(page: Page, hands: Hands, name: string) {
  await navigate(page, hands, 'Extensions')
  await hands.press(page.getByRole('link', { name, exact: true }))
  await hands.choose(button(page, 'More'), 'Delete extension')
  const dialog = page.getByRole('dialog')
  await hands.press(dialog.getByRole('button', { name: 'Delete', exact: true }))
  await heading(page, 'Extensions')
}

test.each([
  ['the mouse', 'by-mouse', mouse],
  ['the keyboard', 'by-keyboard', keyboard],
] as const)('with %s', { timeout: 300_000 }, async (_, name, handsOf) => {
  const page = await site.open('/')
  const hands = handsOf(page)
  await createExtension(page, hands, name)
  await install(page, hands, name)
  await update(page, hands, name)
  await uninstall(page, hands, name)
  await deleteExtension(page, hands, name)
  const left = await site.system.json<{ name: string }[]>('extension', 'list')
  expect(left.map((extension) => extension.name)).not.toContain(name)
})
