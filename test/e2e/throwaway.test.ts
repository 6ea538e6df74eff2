import { test } from 'vitest'
import { startConsoleSystem } from './console-system.ts'
test('x', async () => {
  const site = await startConsoleSystem()
  const page = await site.open('/extensions')
  page.on('console', (m) => console.log('C', m.text()))
  await page.addInitScript(`{const add = window.addEventListener.bind(window); const rem = window.removeEventListener.bind(window)
  window.addEventListener = function (n, l, o) { if (n === 'popstate') { console.log('ADD', JSON.stringify(o), String(l).slice(0,90)); const w = (e) => { console.log('CALL', String(l).slice(0,60), location.pathname); l(e) }; l.w = w; return add(n, w, o) } return add(n, l, o) }
  window.removeEventListener = function (n, l, o) { if (n === 'popstate') { console.log('REM', JSON.stringify(o), String(l).slice(0,60)); return rem(n, l.w ?? l, o) } return rem(n, l, o) } }`)
  await page.reload()
  page.on('framenavigated', (f) => console.log('NAV', f.url()))
  console.log('=====')
  await page.getByRole('link', { name: /Create/ }).first().click()
  await page.getByLabel('Name', { exact: true }).first().fill('half')
  const dialog = page.getByRole('dialog')
  await page.getByRole('link', { name: 'Instances' }).click()
  await dialog.getByRole('button', { name: 'Stay' }).click()
  console.log(page.url(), await page.evaluate('history.length'))
  await page.goBack()
  console.log(page.url(), await page.evaluate('history.length'))
  await page.screenshot({ path: '/tmp/shots-wizard/back.png' })
  await site.stop()
})
