import { expect, test } from 'vitest'
import { lintScripts, lintVersion } from './lint-version.ts'

const draft = (scripts: object, os: 'linux' | 'windows' = 'linux') => ({
  scope: {},
  parameters: {},
  configurations: [{ id: 'c1', os, arch: 'any', scripts, run: { unpack: false } }],
})

test('scripts are checked line by line, each under its field', () => {
  expect(
    lintScripts(
      [
        undefined,
        { os: 'linux', scripts: { install: '#!/bin/sh\necho\r\n', uninstall: 'true', output: 7, other: '' } },
        { os: 'windows', scripts: { install: 'echo\r\n' } },
      ],
      {},
    ),
  ).toMatchObject([
    { path: ['configurations', 1, 'scripts', 'install'], severity: 'error', line: 2, column: 5 },
    { path: ['configurations', 1, 'scripts', 'uninstall'], severity: 'warning', line: 1, column: 1 },
  ])
})

test('placeholders are checked where the rest is text', () => {
  const install = '#!/bin/sh\necho "{{ port }}" {{ other }}\n'
  const path = ['configurations', 0, 'scripts', 'install']
  expect(lintScripts([{ os: 'linux', scripts: { install } }], { port: 'Number' })).toMatchObject([
    { path, line: 2, severity: 'warning', message: expect.stringContaining('other') },
  ])
  const wrong = "#!/bin/sh\ncat <<'{{ port }}'\n"
  expect(lintScripts([{ os: 'linux', scripts: { install: wrong } }], { port: 'Number' })).toMatchObject([
    { path, line: 2, severity: 'error' },
  ])
})

test('the name and the problems of the version are reported; an empty script is reported once', () => {
  expect(lintVersion('acs-x', draft({ install: ' ' }))).toMatchObject([{ path: ['name'], severity: 'error' }])
  expect(lintVersion(undefined, draft({}))).toMatchObject([
    { path: ['configurations', 0, 'scripts'], message: expect.stringContaining('it would do nothing') },
  ])
  expect(lintVersion('demo', draft({ install: '#!/bin/sh' }))).toEqual([])
})
