/**
 * Extension wizard: create and update, packages, errors, a lost connection, a reload, and leaving.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import { packageSamples } from '../package-samples.ts'

const helloDeb = fileURLToPath(new URL('../../examples/hello-deb', import.meta.url))

let site: ConsoleSystem
beforeAll(async () => {
  site = await startConsoleSystem()
})
afterAll(() => site.stop())

interface Shown {
  readonly type: string
  readonly latestVersion: string
}
interface ShownVersion {
  readonly versionDescription: string
  readonly scope: unknown
  readonly parameters: unknown
  readonly configurations: readonly {
    readonly os: string
    readonly arch: string
    readonly artifact?: { readonly sha256: string; readonly fileName: string; readonly kind: string }
    readonly scripts: Readonly<Record<string, string>>
  }[]
}

/** Parts of DOM types that the tests use: tests have no DOM library. */
interface Focusable {
  readonly ownerDocument: { readonly activeElement: unknown }
}
interface TextArea {
  readonly value: string
  readonly selectionStart: number
  readonly selectionEnd: number
}

const readVersion = (name: string, version: string) =>
  site.system.json<ShownVersion>('extension', 'show', name, '--version', version)

const next = (page: Page) => page.getByRole('button', { name: 'Next', exact: true }).click()
const nameField = (page: Page) => page.getByLabel('Name', { exact: true }).first()
const stepTitle = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
const focused = (page: Page, attribute: string) =>
  page.evaluate<string | null>(`document.activeElement?.getAttribute(${JSON.stringify(attribute)}) ?? null`)
const isFocused = (place: Locator) =>
  place.evaluate((element: Focusable) => element.ownerDocument.activeElement === element)

/** Moves the focus with the Tab key only. */
async function tabTo(page: Page, place: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (await isFocused(place)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not reach ${String(place)}`)
}
const installScript = (page: Page, index = 1) => page.getByLabel(`Install script of configuration ${index}`)
const chooseFile = (page: Page, ...files: readonly string[]) =>
  page
    .locator('input[type=file]')
    .first()
    .setInputFiles([...files])

async function makeFile(name: string, sizeBytes: number): Promise<{ path: string; sha256: string }> {
  const bytes = randomBytes(sizeBytes)
  const path = join(site.system.folder, name)
  await writeFile(path, bytes)
  return { path, sha256: createHash('sha256').update(bytes).digest('hex') }
}

test('from basic information to an installable version', async () => {
  const page = await site.open('/extensions/create')
  await nameField(page).fill('web-app')
  await page.getByRole('button', { name: 'Type Application' }).click()
  await page.getByRole('option', { name: 'Agent' }).click()
  await page.getByLabel('Version description').fill('the first')
  await page.getByRole('button', { name: 'Add operating system' }).click()
  await page.getByRole('combobox', { name: /Platform/ }).fill('debian')
  await page.getByRole('textbox', { name: /Versions/ }).fill('>=11')
  await page.getByRole('button', { name: 'Add parameter' }).click()
  await nameField(page).waitFor()
  await page.getByLabel('Name', { exact: true }).last().fill('port')
  await page.getByRole('button', { name: 'Type String' }).click()
  await page.getByRole('option', { name: 'Number' }).click()
  await page.getByLabel('Required').click()
  await page.getByLabel('Default value').fill('8080')
  expect(await site.findBarriers(page)).toEqual([])
  await next(page)

  await stepTitle(page, 'Configurations')
  expect(await installScript(page).inputValue()).toContain('function user_shell()')
  await installScript(page).fill('#!/bin/sh\necho "listens on {{ port }}"\n')
  expect(await site.findBarriers(page)).toEqual([])
  await next(page)

  await stepTitle(page, 'Review')
  await page.getByText('Validation passed').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'web-app' }).waitFor()
  await page.getByText('web-app v1 created').waitFor()

  expect(await site.system.json<Shown>('extension', 'show', 'web-app')).toMatchObject({ type: 'Agent' })
  const version = await readVersion('web-app', 'v1')
  expect(version).toMatchObject({
    versionDescription: 'the first',
    scope: { platforms: [{ id: 'debian', versions: '>=11' }] },
    parameters: { port: { type: 'Number', default: 8080 } },
  })
  expect(version.configurations[0]?.scripts).toMatchObject({
    install: '#!/bin/sh\necho "listens on {{ port }}"\n',
    uninstall: expect.stringContaining('function job_stop()') as string,
  })
})

test('invalid input is reported at its field while typing; missing input when leaving the step', async () => {
  await site.system.createExtension('taken')
  const page = await site.open('/extensions/create')
  await next(page)
  await page.getByText('Enter a name').waitFor()
  await expect.poll(() => focused(page, 'aria-invalid')).toBe('true')
  await nameField(page).fill('ALIYUN-tools')
  // The error is also announced to screen readers.
  await page.getByText('begins with ALIYUN, which is reserved').first().waitFor()
  await nameField(page).fill('taken')
  const nameTaken = page
    .locator('main')
    .getByText('An extension with this name already exists. Choose', { exact: false })
  await nameTaken.first().waitFor()
  await nameField(page).fill('not-taken')
  await expect.poll(() => nameTaken.count()).toBe(0)

  await page.getByRole('button', { name: 'Add operating system' }).click()
  await page.getByRole('combobox', { name: /Platform/ }).fill('debian')
  await page.getByRole('textbox', { name: /Versions/ }).fill('>=12 <11')
  await page.getByText('can never match').waitFor()
  await page.getByRole('textbox', { name: /Versions/ }).fill('')
  await page.getByRole('button', { name: 'Add parameter' }).click()
  await page.getByLabel('Name', { exact: true }).last().fill('no name')
  await page.getByText('is not a name').waitFor()
  await page.getByLabel('Name', { exact: true }).last().fill('port')
  await next(page)

  await stepTitle(page, 'Configurations')
  await installScript(page).fill('#!/bin/sh\necho one\n$nohup run &\necho {{ prot }}\n')
  await page.getByText('$nohup is a variable').waitFor()
  await page.getByRole('button', { name: 'Line 4' }).click()
  const selected = await installScript(page).evaluate(({ value, selectionStart, selectionEnd }: TextArea) =>
    value.slice(selectionStart, selectionEnd),
  )
  expect(selected).toBe('echo {{ prot }}')
  await installScript(page).fill('#!/bin/sh\necho "open {{ port }}\n')
  await page
    .getByRole('button', { name: /Line \d/ })
    .first()
    .waitFor()
  await next(page)
  await expect.poll(() => isFocused(installScript(page))).toBe(true)
  await installScript(page).fill('')
  await page.getByText('has neither an artifact nor an install script').waitFor()
  await page.getByRole('button', { name: 'Insert template' }).click()
  await page.getByRole('button', { name: 'Add configuration' }).click()
  await page
    .getByText(/with the same priority/)
    .first()
    .waitFor()
  expect(await site.findBarriers(page)).toEqual([])
})

test('a deb package fills in its metadata and needs no script', async () => {
  const folder = join(site.system.folder, 'hello-deb')
  await cp(helloDeb, folder, { recursive: true })
  execFileSync('sh', [join(folder, 'build.sh'), '1.2.3'])
  const file = join(folder, 'build', 'chandler-hello.deb')
  const page = await site.open('/extensions/create?step=configurations')
  await chooseFile(page, file)
  await page.getByText('chandler-hello 1.2.3').first().waitFor()
  await page.getByText('No scripts are required').waitFor()
  expect(await installScript(page).inputValue()).toBe('')
  await next(page)
  await stepTitle(page, 'Review')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'chandler-hello' }).waitFor()
  const { versionDescription, configurations } = await readVersion('chandler-hello', 'v1')
  expect(versionDescription).toBe('chandler-hello 1.2.3')
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  expect(configurations).toMatchObject([{ artifact: { sha256, kind: 'deb', fileName: 'chandler-hello.deb' } }])
  expect(configurations[0]?.scripts).toEqual({})
})

test('a Windows Installer package selects Windows and fills in its metadata', async () => {
  const file = join(site.system.folder, 'setup.msi')
  await writeFile(file, packageSamples.msi)
  const page = await site.open('/extensions/create?step=configurations')
  await chooseFile(page, file)
  await page.getByText('Demo Service 2.4.1').first().waitFor()
  await next(page)
  await stepTitle(page, 'Review')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Demo-Service' }).waitFor()
  const { versionDescription, configurations } = await readVersion('Demo-Service', 'v1')
  expect(versionDescription).toBe('Demo Service 2.4.1')
  expect(configurations).toMatchObject([{ os: 'windows', arch: 'x86_64', artifact: { kind: 'msi' }, scripts: {} }])
})

test('scripts for Windows: templates, files whose ending names the language, and what is no text', async () => {
  const folder = site.system.folder
  await writeFile(join(folder, 'setup.cmd'), 'dir\r\n')
  await writeFile(join(folder, 'wide.ps1'), Buffer.from('\ufeffdir\r\n', 'utf16le'))
  const page = await site.open('/extensions/create')
  await nameField(page).fill('for-windows')
  await next(page)
  await page.getByRole('button', { name: /Operating system/ }).click()
  await page.getByRole('option', { name: 'Windows' }).click()
  expect(await installScript(page).inputValue()).toContain("$ErrorActionPreference = 'Stop'")
  await page.getByText('Run by Windows PowerShell 5.1').waitFor()
  await page.getByLabel('Open file (Install, configuration 1)').setInputFiles(join(folder, 'wide.ps1'))
  await page.getByText('The file is not a text in UTF-8').waitFor()
  await page.getByLabel('Open file (Install, configuration 1)').setInputFiles(join(folder, 'setup.cmd'))
  await page.getByText('Batch file, run by cmd').waitFor()
  await expect.poll(() => page.getByText('The file is not a text in UTF-8').count()).toBe(0)
  expect(await site.findBarriers(page)).toEqual([])
  await next(page)
  await stepTitle(page, 'Review')
  await page.getByText('Validation passed').waitFor()
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'for-windows' }).waitFor()
  const { configurations } = await readVersion('for-windows', 'v1')
  expect(configurations).toMatchObject([
    { os: 'windows', arch: 'any', scripts: { install: expect.stringMatching(/^#!cmd\ndir\r?\n$/) } },
  ])
})

test('several files become several configurations', async () => {
  const files = [await makeFile('one.zip', 2_000), await makeFile('two.zip', 3_000)]
  const page = await site.open('/extensions/create?step=configurations')
  await chooseFile(page, ...files.map(({ path }) => path))
  await page.getByText('one.zip', { exact: true }).waitFor()
  await page.getByText('two.zip', { exact: true }).waitFor()
  await page.getByRole('heading', { name: 'Configuration 2' }).waitFor()
  await page.getByRole('button', { name: 'Remove configuration 2' }).click()
  await page.getByText('two.zip', { exact: true }).waitFor({ state: 'detached' })
  await expect.poll(() => isFocused(page.getByRole('button', { name: 'Add configuration' }))).toBe(true)
})

test('an upload resumes after a connection loss', async () => {
  const { path, sha256 } = await makeFile('large.bin', 12 * 1024 * 1024)
  const page = await site.open('/extensions/create?step=configurations')
  const offsets: string[] = []
  let isCut = false
  await page.route(/\/api\/v1\/uploads\/[^/]+\?offset=/, async (route) => {
    offsets.push(new URL(route.request().url()).searchParams.get('offset') ?? '')
    if (offsets.length === 2 && !isCut) {
      isCut = true
      await site.bridge.cut()
    }
    await route.continue()
  })
  await chooseFile(page, path)
  await page.getByText('The upload resumes when the server responds').waitFor()
  await page.getByText(/4\.2 MB of 12\.6 MB/).waitFor()
  expect(await site.findBarriers(page)).toEqual([])
  await site.bridge.restore()
  await page.getByText(sha256.slice(0, 16)).waitFor({ timeout: 60_000 })
  const piece = 4 * 1024 * 1024
  expect(offsets).toEqual(['0', String(piece), ...offsets.slice(2)])
  expect(offsets.slice(2).every((offset) => Number(offset) >= piece)).toBe(true)
})

test('a draft survives a reload, and the upload resumes with the same file', async () => {
  const { path, sha256 } = await makeFile('slow.bin', 12 * 1024 * 1024)
  const page = await site.open('/extensions/create')
  await nameField(page).fill('kept')
  await next(page)
  await stepTitle(page, 'Configurations')
  const offsets: number[] = []
  await page.route(/\/api\/v1\/uploads\/[^/]+\?offset=/, async (route) => {
    const offset = Number(new URL(route.request().url()).searchParams.get('offset'))
    offsets.push(offset)
    // Block all pieces after the first until the reload.
    await (offset === 0 ? route.continue() : route.abort())
  })
  await chooseFile(page, path)
  await page.getByText(/4\.2 MB of 12\.6 MB/).waitFor()
  await page.getByText('The upload resumes when the server responds').waitFor()
  await page.reload()
  await page.unrouteAll({ behavior: 'wait' })
  await page.getByText('Your saved draft was restored.').waitFor()
  await page.getByText('The upload of slow.bin was interrupted').waitFor()
  await next(page)
  await page.getByText('The package upload is not complete').waitFor()
  const resumed: string[] = []
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname.startsWith('/api/v1/uploads')) resumed.push(`${request.method()} ${searchParams.get('offset') ?? ''}`)
  })
  await chooseFile(page, path)
  await page.getByText(sha256.slice(0, 16)).waitFor()
  expect(resumed.filter((request) => request.startsWith('PUT'))).toEqual(['PUT 4194304', 'PUT 8388608'])
  expect(resumed).not.toContain('POST 0')
  await page.goBack()
  expect(await nameField(page).inputValue()).toBe('kept')
})

test('leaving asks whether to keep the draft', async () => {
  const page = await site.open('/extensions')
  await page
    .getByRole('link', { name: /Create/ })
    .first()
    .click()
  await nameField(page).fill('half-written')
  const dialog = page.getByRole('dialog')
  await page.getByRole('link', { name: 'Instances' }).click()
  await dialog.getByRole('button', { name: 'Stay' }).click()
  expect(await nameField(page).inputValue()).toBe('half-written')
  await page.goBack()
  await dialog.waitFor()
  expect(new URL(page.url()).pathname).toBe('/extensions/create')
  expect(await site.findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Leave and keep draft' }).click()
  await page.getByRole('heading', { level: 1, name: 'Extensions' }).waitFor()
  await page
    .getByRole('link', { name: /Create/ })
    .first()
    .click()
  expect(await nameField(page).inputValue()).toBe('half-written')
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await dialog.getByRole('button', { name: 'Leave and discard draft' }).click()
  await page.getByRole('heading', { level: 1, name: 'Extensions' }).waitFor()
  await page
    .getByRole('link', { name: /Create/ })
    .first()
    .click()
  expect(await nameField(page).inputValue()).toBe('')
})

test('an update starts from the latest version and creates the next one', async () => {
  await site.system.createExtension('shipper')
  const before = await readVersion('shipper', 'v1')
  const page = await site.open('/extensions/shipper/update')
  await page.getByRole('heading', { level: 1, name: 'Update shipper' }).waitFor()
  await page.getByLabel('Version description').fill('says more')
  await next(page)
  await stepTitle(page, 'Configurations')
  const script = before.configurations[0]?.scripts['install'] ?? ''
  expect(await installScript(page).inputValue()).toBe(script)
  await installScript(page).fill(`${script}echo more\n`)
  await site.system.json('extension', 'update', await site.system.makeExtension('shipper'))
  await page.getByText('Your draft is based on v1. It does not contain the changes of v2').waitFor()
  await next(page)
  await stepTitle(page, 'Review')
  await page.getByRole('button', { name: 'Create version' }).click()
  await page.getByText('shipper v3 created').waitFor()
  const after = await readVersion('shipper', 'v3')
  expect(after).toMatchObject({ versionDescription: 'says more', parameters: before.parameters, scope: before.scope })
  expect(after.configurations[0]?.scripts['install']).toBe(`${script}echo more\n`)
})

test('an unknown extension cannot be updated', async () => {
  const page = await site.open('/extensions/nothing/update')
  await page.getByText('Error ExtensionNotFound').waitFor()
  expect(await site.findBarriers(page)).toEqual([])
})

test('each field shows its error: checks, run settings, parameter limits, fields on another tab', async () => {
  const page = await site.open('/extensions/create')
  await nameField(page).fill('wrong-fields')
  await page.getByRole('button', { name: 'Add parameter' }).click()
  await expect.poll(() => isFocused(page.getByLabel('Name', { exact: true }).last())).toBe(true)
  await page.keyboard.type('level')
  await page.getByText('Limits', { exact: true }).click()
  await page.getByLabel('Pattern').fill('(')
  await page
    .locator('[data-key="1"]')
    .getByText(/pattern|regular expression|closed|\)/i)
    .nth(1)
    .waitFor()
  await page.getByLabel('Pattern').fill('[a-z]+')
  await page.getByLabel('Minimum length').fill('two')
  await page.getByText('Enter a number').waitFor()
  await page.getByLabel('Minimum length').fill('2')
  await page.getByText('Enter a number').waitFor({ state: 'detached' })
  await next(page)

  await stepTitle(page, 'Configurations')
  await page.getByText('Script settings and checks').click()
  await page.getByLabel('Timeout (minutes)').fill('soon')
  await page.getByText('Enter a number').waitFor()
  await page.getByLabel('Timeout (minutes)').fill('1.5')
  await page.getByLabel('Working directory', { exact: true }).fill('here')
  await page
    .getByText(/must start with|begin/i)
    .first()
    .waitFor()
  await page.getByLabel('Working directory', { exact: true }).fill('/opt')
  await page.getByRole('button', { name: 'Add check' }).click()
  expect(await page.getByText('Enter what to check, or remove the check').count()).toBe(0)
  await next(page)
  await page.getByText('Enter what to check, or remove the check').waitFor()
  await page.getByRole('button', { name: 'Process is running' }).click()
  await page.getByRole('option', { name: 'Port is open' }).click()
  await page.getByRole('textbox', { name: 'Port' }).fill('eighty')
  await page.getByText('Enter a number').waitFor()
  expect(await page.getByRole('textbox', { name: 'Port' }).inputValue()).toBe('eighty')
  await page.getByRole('textbox', { name: 'Port' }).fill('8080')
  await page.getByLabel('Time limit (seconds)').fill('2.5')

  await page.getByRole('tab', { name: 'Uninstall' }).click()
  await page.getByLabel('Uninstall script of configuration 1').fill('#!sh\ntrue\n')
  await page.getByRole('tab', { name: /Uninstall \(\d issue/ }).waitFor()
  await page.getByRole('tab', { name: 'Install', exact: true }).click()
  await next(page)
  await expect.poll(() => isFocused(page.getByRole('tab', { name: /Uninstall \(/ }))).toBe(true)
  expect(await site.findBarriers(page)).toEqual([])
  await page.getByRole('tab', { name: /Uninstall \(/ }).click()
  await page.getByLabel('Uninstall script of configuration 1').fill('#!/bin/sh\ntrue\n')
  await page.getByRole('tab', { name: 'Uninstall', exact: true }).waitFor()
  await next(page)
  await stepTitle(page, 'Review')
  await page.getByText('Port is open 8080').waitFor()
  // Another user takes the name first.
  await site.system.createExtension('wrong-fields')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('Error ExtensionNameTaken').waitFor()
  expect(new URL(page.url()).pathname).toBe('/extensions/create')
})

test('by keyboard only', async () => {
  const page = await site.open('/extensions/create')
  await tabTo(page, nameField(page))
  await page.keyboard.type('by-keyboard')
  await tabTo(page, page.getByRole('button', { name: 'Add parameter' }))
  await page.keyboard.press('Enter')
  const parameterName = page.getByLabel('Name', { exact: true }).last()
  await expect.poll(() => isFocused(parameterName)).toBe(true)
  await page.keyboard.type('port')
  await tabTo(page, page.getByRole('button', { name: 'Next', exact: true }))
  await page.keyboard.press('Enter')
  await stepTitle(page, 'Configurations')
  await tabTo(page, installScript(page))
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('#!/bin/sh\necho {{ port }}\n')
  await tabTo(page, page.getByRole('button', { name: 'Next', exact: true }))
  await page.keyboard.press('Enter')
  await stepTitle(page, 'Review')
  await tabTo(page, page.getByRole('button', { name: 'Create', exact: true }))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'by-keyboard' }).waitFor()
  const { configurations } = await readVersion('by-keyboard', 'v1')
  expect(configurations[0]?.scripts['install']).toBe('#!/bin/sh\necho {{ port }}\n')
})

test('starting over deletes the pending upload', async () => {
  const { path } = await makeFile('unwanted.bin', 6 * 1024 * 1024)
  const page = await site.open('/extensions/create')
  await nameField(page).fill('unwanted')
  await page.reload()
  await page.getByText('Your saved draft was restored.').waitFor()
  await next(page)
  await stepTitle(page, 'Configurations')
  await page.route(/\/api\/v1\/uploads\/[^/]+\?offset=/, async (route) => {
    const isFirst = new URL(route.request().url()).searchParams.get('offset') === '0'
    await (isFirst ? route.continue() : route.abort())
  })
  await chooseFile(page, path)
  await page.getByText('The upload resumes when the server responds').waitFor()
  const removed = page.waitForResponse(
    (response) => response.request().method() === 'DELETE' && /\/api\/v1\/uploads\//.test(response.url()),
  )
  await page.getByRole('button', { name: 'Start over' }).click()
  expect((await removed).ok()).toBe(true)
  await expect.poll(() => nameField(page).inputValue()).toBe('')
  await next(page)
  await page.getByText('Enter a name').waitFor()
})
