import { expect, test } from 'vitest'
import { renderInstallScript } from './install-script.ts'

const script = "#!/bin/sh\ndefault_server=''\necho $default_server\n"

test.each([
  'http://127.0.0.1:7443',
  'https://chandler.example',
  'https://chandler.example:7443/base/path',
  'http://[::1]:7443',
])('%s is inserted into the script', (server) => {
  expect(renderInstallScript(script, server)).toBe(`#!/bin/sh\ndefault_server='${server}'\necho $default_server\n`)
})

test.each([
  undefined,
  '',
  'ftp://chandler.example',
  'http://x$(reboot)',
  "http://x';reboot;'",
  'http://x`reboot`',
  'http://x\nreboot',
  'http://x y',
  'http://x:123456',
  'http://user@x',
  "https://x/a'b",
  'https://x/%24',
  'https://x/$&',
  'http://-x',
  'http://',
])('%j leaves the script unchanged', (server) => {
  expect(renderInstallScript(script, server)).toBe(script)
})

test('a script without the placeholder for the address is an internal error', () => {
  expect(() => renderInstallScript('#!/bin/sh\n', 'http://x')).toThrow('no line')
})
