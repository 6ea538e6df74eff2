import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clipForeignText, redactText } from './redact.ts'

describe('secrets in a text', () => {
  test.each([
    ['postgres://user:pass word', 'postgres://user:pass word'],
    ['at postgres://user:pass@host/db, again', 'at postgres://user:***@host/db, again'],
    ['redis://:pass@host', 'redis://:***@host'],
    ['a mail to ann@example.org: http://host:80/x', 'a mail to ann@example.org: http://host:80/x'],
    ['GET /x?expires=1&signature=abc&b=2', 'GET /x?expires=1&signature=***&b=2'],
    ['?x-amz-security-token=a"b', '?x-amz-security-token=***"b'],
  ])('%s', (text, shown) => {
    expect(redactText(text)).toBe(shown)
  })

  test('a password whose @ was cut off is masked', () => {
    const text = `${'x '.repeat(8_000)}amqp://user:${'p'.repeat(1_000)}@host`
    expect(redactText(text)).toMatch(/amqp:\/\/user:\*\*\*… \(\d+ more\)$/)
  })

  test('the password of a URL is never shown, whatever surrounds it', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab.:/@?&= '), maxLength: 30 })
    fc.assert(
      fc.property(word, word, (before, after) => {
        expect(redactText(`${before} s3://user:Geheim@host${after}`)).not.toContain('Geheim')
      }),
    )
  })
})

test.each(['a', 'a://', '://x:', '://:', 'a:@', '&a', '?a=', '&token', '&a-token', 'token=', '@', ' '])(
  'time grows with the length of a text of %s',
  (pattern) => {
    const takeMs = (length: number) => {
      const text = pattern.repeat(Math.ceil(length / pattern.length))
      return Math.min(
        ...Array.from({ length: 5 }, () => {
          const before = process.cpuUsage()
          for (let start = 0; start < text.length; start += 16_000) redactText(text.slice(start, start + 16_000))
          return process.cpuUsage(before).user / 1_000
        }),
      )
    }
    takeMs(16_000)
    // Quadratic expressions take a second or more.
    expect(takeMs(100_000)).toBeLessThan(100)
  },
)

test('the first part of a long text, and how much is missing', () => {
  expect(clipForeignText('short')).toBe('short')
  expect(clipForeignText('a'.repeat(600))).toBe(`${'a'.repeat(512)}… (88 more)`)
})
