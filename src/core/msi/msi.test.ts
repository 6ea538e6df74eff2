import { expect, test } from 'vitest'
import { renderMsiArguments } from './msi-command.ts'
import { judgeMsiExit } from './msi-exit-code.ts'
import { findMsiCause } from './msi-log.ts'
import { findMsiPropertyFault, renderMsiProperty } from './msi-property.ts'

const log = 'C:\\ProgramData\\Chandler\\x y\\msi.log'
const path = 'C:\\ProgramData\\Chandler\\workspaces\\i\\new\\Demo ünï 1.0.msi'

test.each([
  [{}, ''],
  [{ PORT: '8080' }, ' PORT="8080"'],
  [{ A: 'two words', B: '' }, ' A="two words" B=""'],
  [{ A: 'say "hi"' }, ' A="say ""hi"""'],
  [{ A: 'C:\\dir\\', B: '%PATH% & del [x] ^' }, ' A="C:\\dir\\" B="%PATH% & del [x] ^"'],
])('the properties %j are written as %s', (properties, text) => {
  expect(renderMsiArguments({ action: 'install', path, isPresent: false, properties }, log)).toBe(
    `/i "${path}" /qn /norestart /l*v "${log}"${text}`,
  )
})

test('a product that is there is written again; removal names the product', () => {
  expect(renderMsiArguments({ action: 'install', path, isPresent: true, properties: {} }, log)).toBe(
    `/i "${path}" /qn /norestart /l*v "${log}" REINSTALL=ALL REINSTALLMODE=vomus`,
  )
  const productCode = '{6A8E1B1C-0000-4A6B-9C1A-0123456789AB}'
  expect(renderMsiArguments({ action: 'uninstall', productCode }, log)).toBe(
    `/x ${productCode} /qn /norestart /l*v "${log}"`,
  )
})

test.each([
  ['a\0b', 'the value of A holds a zero byte'],
  ['x'.repeat(40_000), 'too long for a command line'],
])('a value that no command line carries is refused', (value, message) => {
  const install = { action: 'install', path, isPresent: false, properties: { A: value } } as const
  expect(() => renderMsiArguments(install, log)).toThrow(message)
})

test.each([
  ['port', 'PORT'],
  ['listen-port', 'LISTEN_PORT'],
  ['InstallDir', 'INSTALLDIR'],
])('the parameter %s is the property %s', (parameter, property) => {
  expect(renderMsiProperty(parameter)).toBe(property)
})

test.each([
  [['port', 'dir'], undefined],
  [['reboot'], 'the parameter reboot would be the property REBOOT, which decides what Windows Installer does'],
  [['Remove'], 'the parameter Remove would be the property REMOVE, which decides what Windows Installer does'],
  [['9lives'], 'the parameter 9lives begins with a digit, which no property of an msi package does'],
  [['a-b', 'A_B'], 'the parameters a-b and A_B would both be the property A_B'],
])('%j as properties: %s', (parameters, fault) => {
  expect(findMsiPropertyFault(parameters)).toBe(fault)
})

test.each([
  ['install', 0, { kind: 'done', needsReboot: false }],
  ['install', 3010, { kind: 'done', needsReboot: true }],
  ['uninstall', 1641, { kind: 'done', needsReboot: true }],
  ['install', 1618, { kind: 'busy' }],
  ['uninstall', 1618, { kind: 'busy' }],
  ['uninstall', 1605, { kind: 'nothing' }],
  ['install', 1605, { kind: 'failed', meaning: 'the product is not installed' }],
  ['install', 1603, { kind: 'failed', meaning: 'a fatal error occurred during the installation' }],
  ['install', 1633, { kind: 'failed', meaning: 'the package is not for the processor of this machine' }],
  [
    'install',
    1638,
    { kind: 'failed', meaning: 'another version of the product is installed; it has to be removed first' },
  ],
  ['install', 0xc0000005, { kind: 'failed', meaning: 'Windows Installer failed' }],
] as const)('%s with exit code %d is %j', (action, code, verdict) => {
  expect(judgeMsiExit(action, code)).toEqual(verdict)
})

test.each([
  [
    'an error of the installer',
    [
      'MSI (s) (D0:9C) [10:00:00:000]: Executing op: ServiceControl',
      'Error 1920. Service Demo (Demo) failed to start.  Verify that you have sufficient privileges to start system services.',
      'MSI (s) (D0:9C) [10:00:01:000]: Product: Demo -- Error 1920. Service Demo (Demo) failed to start.',
      'Action ended 10:00:02: InstallFinalize. Return value 3.',
      'MSI (s) (D0:9C) [10:00:03:000]: Product: Demo -- Installation operation failed.',
      'Property(S): Error 1 = x',
    ],
    'Error 1920. Service Demo (Demo) failed to start.  Verify that you have sufficient privileges to start system services.',
  ],
  [
    'a downgrade',
    [
      'Action start 10:00:00: LaunchConditions.',
      'A newer version of Demo is already installed.',
      'Action ended 10:00:00: LaunchConditions. Return value 3.',
      'Action ended 10:00:00: INSTALL. Return value 3.',
      'MSI (s) (D0:9C) [10:00:03:000]: Product: Demo -- Installation failed.',
    ],
    'A newer version of Demo is already installed.',
  ],
  [
    'a message of a custom action',
    ['MSI (s) (C8:AC) [10:00:00:000]: Product: Demo -- The licence server cannot be reached.', 'Return value 3.'],
    'The licence server cannot be reached.',
  ],
  [
    'a custom action that says nothing',
    [
      'CustomAction RunTool returned actual error code 7 (note this may not be 100% accurate if translation happened inside sandbox)',
      'MSI (s) (C8:AC) [10:00:00:000]: Note: 1: 1722 2: RunTool 3: C:\\tool.exe 4: ',
      'Action ended 10:00:00: RunTool. Return value 3.',
    ],
    'CustomAction RunTool returned actual error code 7 (note this may not be 100% accurate if translation happened inside sandbox)',
  ],
  ['nothing', ['Property(S): UpgradeCode = {X}', '=== Logging stopped ==='], ''],
  ['an empty log', [], ''],
])('the cause of %s', (_, lines, cause) => {
  expect(findMsiCause(lines.join('\r\n'))).toBe(cause)
})
