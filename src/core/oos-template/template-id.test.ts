import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeExtensionId } from '../id.ts'
import { templateIdOf } from './template-id.ts'

test('the template id contains the bits of the extension id', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => {
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      expect(templateIdOf(makeExtensionId(() => bytes))).toBe(`t-${hex}`)
    }),
  )
})
