import { expect, test } from 'vitest'
import { packageSamples } from '../../../test/package-samples.ts'
import type { PackageBytes } from './package-bytes.ts'
import { readMsiProduct } from './read-msi.ts'

const bytesOf = (content: Buffer): PackageBytes => ({
  sizeBytes: content.length,
  read: (start, lengthBytes) => Promise.resolve(content.subarray(start, start + lengthBytes)),
})

/** The sample with another text of the same length in its string pool. */
function replaceText(from: string, to: string): Buffer {
  const bytes = Buffer.from(packageSamples.msi)
  const at = bytes.indexOf(from)
  expect(at).toBeGreaterThan(0)
  bytes.write(to, at, 'latin1')
  return bytes
}

test('the product of a package', async () => {
  expect(await readMsiProduct(bytesOf(Buffer.from(packageSamples.msi)))).toMatchObject({
    code: expect.stringMatching(/^\{[0-9A-F-]{36}\}$/),
    name: 'Demo Service',
    version: '2.4.1',
  })
})

test('a package without a product code', async () => {
  const without = bytesOf(replaceText('ProductCode', 'ProductXode'))
  await expect(readMsiProduct(without)).rejects.toThrow('its properties have no product code')
})
