import { expect, test } from 'vitest'
import { listProducts } from './installed-products.ts'

test('products by the values of their keys; a key without a name is none', () => {
  const key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall'
  const code = '{6A8E1B1C-0000-4A6B-9C1A-0123456789AB}'
  const entries = [
    { key: `${key}\\${code}`, name: 'DisplayName', value: 'Demo' },
    { key: `${key}\\${code}`, name: 'DisplayVersion', value: '1.2.0' },
    { key: `${key}\\Fontcore`, name: 'SystemComponent', value: '1' },
    { key: `${key}\\Tool`, name: 'DisplayName', value: 'Tool' },
  ]
  expect(listProducts(entries)).toEqual([
    { key: code, name: 'Demo', version: '1.2.0' },
    { key: 'Tool', name: 'Tool', version: '' },
  ])
})
