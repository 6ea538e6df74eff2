import { expect, test } from 'vitest'
import { validateExtensionName } from './name.ts'

test.each(['demo', 'a', '1', '-', 'My-App-2', 'x'.repeat(200), 'a_b', '_', 'AC', 'xACS', 'alibab'])(
  '%s is a valid name',
  (name) => {
    expect(validateExtensionName(name)).toBeUndefined()
  },
)

test.each([
  ['', 'ExtensionNameInvalid', 'is empty'],
  ['a b', 'ExtensionNameInvalid', '" "'],
  ['a.b', 'ExtensionNameInvalid', '"."'],
  ['demö', 'ExtensionNameInvalid', '"ö"'],
  ['a😀', 'ExtensionNameInvalid', '"😀"'],
  ['demo\n', 'ExtensionNameInvalid', '"\\n"'],
  ['../etc', 'ExtensionNameInvalid', '"."'],
  ['x'.repeat(201), 'ExtensionNameInvalid', '201'],
  ['ACS-demo', 'ExtensionNameReserved', 'ACS'],
  ['acsdemo', 'ExtensionNameReserved', 'ACS'],
  ['AliYun-x', 'ExtensionNameReserved', 'ALIYUN'],
  ['alibaba', 'ExtensionNameReserved', 'ALIBABA'],
  ['aliCloud1', 'ExtensionNameReserved', 'ALICLOUD'],
])('%j is refused as %s', (name, code, part) => {
  const problem = validateExtensionName(name)
  expect(problem?.code).toBe(code)
  expect(problem?.reason).toContain(part)
})
