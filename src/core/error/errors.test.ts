import { describe, expect, test } from 'vitest'
import { ChandlerError, chandlerError, errorCatalogue, isErrorCode } from './errors.ts'

describe('the catalogue', () => {
  test.each(Object.entries(errorCatalogue))(
    '%s says what is wrong and what to do, as sentences',
    (code, { status, text, next }) => {
      expect(code).toMatch(/^[A-Z][A-Za-z]+$/)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(text).toMatch(/^[A-Z{].*[.]$/)
      expect(next).toMatch(/^[A-Z].*[.]$/)
    },
  )

  test('distinguishes its codes from other strings', () => {
    expect(isErrorCode('ExtensionNotFound')).toBe(true)
    expect(isErrorCode('toString')).toBe(false)
  })
})

describe('chandlerError', () => {
  test('fills in both texts and keeps details and cause', () => {
    const cause = new Error('inner')
    const error = chandlerError('VersionNotFound', { name: 'demo', version: 'v9' }, { latest: 3 }, { cause })
    expect(error).toBeInstanceOf(ChandlerError)
    expect(error).toMatchObject({
      name: 'ChandlerError',
      code: 'VersionNotFound',
      status: 404,
      message: 'Extension "demo" has no version v9.',
      next: 'List its versions with `chandler extension show demo`.',
      arguments: { name: 'demo', version: 'v9' },
      details: { latest: 3 },
      cause,
    })
  })

  test('needs no words where the texts have none', () => {
    expect(chandlerError('ServerBusy', {}).status).toBe(503)
  })

  test('cuts long words, flattens control characters and does not fill in what was filled in', () => {
    const error = chandlerError('ExtensionNotFound', { name: `\u001b[31m{name}\n${'x'.repeat(10_000)}` })
    expect(error.message).toContain(' [31m{name} x')
    expect(error.message.length).toBeLessThan(400)
  })

  test('words are typed', () => {
    // @ts-expect-error: the code needs a name
    chandlerError('ExtensionNotFound', {})
    // @ts-expect-error: there is no such code
    expect(() => chandlerError('ExtensionLost', {})).toThrow(TypeError)
  })
})
