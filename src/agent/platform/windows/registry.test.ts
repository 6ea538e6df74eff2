import { expect, test } from 'vitest'
import { parseRegistry } from './registry.ts'
import { parseHostList, parseHostMachine } from './windows-host.ts'

test('values of the registry, as reg.exe prints them', () => {
  const text =
    '\r\nHKEY_LOCAL_MACHINE\\Software\\A\r\n    DisplayName    REG_SZ    Demo  tool\r\n    Empty    REG_SZ    \r\n    None    REG_SZ\r\n' +
    '    Count    REG_DWORD    0x5\r\n\r\nHKEY_LOCAL_MACHINE\\Software\\B\r\n    (Default)    REG_SZ    x\r\n    Path    REG_EXPAND_SZ    %A%\\b\r\n\r\nEnd of search: 5 match(es) found.\r\n'
  const [a, b] = ['HKEY_LOCAL_MACHINE\\Software\\A', 'HKEY_LOCAL_MACHINE\\Software\\B']
  expect(parseRegistry(text)).toEqual([
    { key: a, name: 'DisplayName', value: 'Demo  tool' },
    { key: a, name: 'Empty', value: '' },
    { key: a, name: 'None', value: '' },
    { key: b, name: '(Default)', value: 'x' },
    { key: b, name: 'Path', value: '%A%\\b' },
  ])
})

test('what the host prints', () => {
  expect([...parseHostMachine('boot=1dd8\r\nnoise\r\nadministrator=1\r\n')]).toEqual([
    ['boot', '1dd8'],
    ['administrator', '1'],
  ])
  expect(parseHostList('12 cmd.exe\r\n\r\n4 a b.exe\nx y\n')).toEqual([
    { pid: 12, text: 'cmd.exe' },
    { pid: 4, text: 'a b.exe' },
  ])
})
