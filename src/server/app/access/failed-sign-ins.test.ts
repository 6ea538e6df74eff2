import { describe, expect, test } from 'vitest'
import { chandlerError } from '../../../core/error/errors.ts'
import {
  attemptsBeforeDelay,
  failedSignInsKeptMs,
  maxAttemptsUnderWay,
  maxSignInDelayMs,
} from '../../../core/limits.ts'
import { createManualClock } from '../../../lib/manual-clock.ts'
import { createFailedSignIns } from './failed-sign-ins.ts'

function make() {
  const clock = createManualClock(1_000)
  const failed = createFailedSignIns(clock)
  const refuse = (source: string, subject?: string) => {
    try {
      failed.refuse({ source, subject })
      return 0
    } catch (error) {
      return (error as { details: { retryAfterSeconds: number } }).details.retryAfterSeconds
    }
  }
  /** Compares a password of a user: the result and the duration. */
  const signIn = async (source: string, subject: string, isRight: boolean) => {
    const from = clock.monotonicMs()
    const attempt = failed.guard(
      { source, subject },
      async () => {
        if (!isRight) throw chandlerError('SignInFailed', {})
        return 'in'
      },
      (error) => (error as { code?: string }).code === 'SignInFailed',
    )
    const outcome = attempt.catch((error: { code: string }) => error.code)
    for (let due = clock.dueAt()[0]; due !== undefined; due = clock.dueAt()[0])
      await clock.advance(due - 1_000 - clock.monotonicMs())
    return { outcome: await outcome, tookMs: clock.monotonicMs() - from }
  }
  return { clock, failed, refuse, signIn }
}

describe('an address', () => {
  test('may fail a limited number of times per minute, and is then refused until the minute ends', async () => {
    const { clock, refuse } = make()
    for (let count = 0; count < attemptsBeforeDelay; count++) expect(refuse('192.0.2.1')).toBe(0)
    await clock.advance(20_000)
    expect(refuse('192.0.2.1')).toBe(40)
    expect(refuse('192.0.2.2')).toBe(0)
    await clock.advance(40_000)
    expect(refuse('192.0.2.1')).toBe(0)
  })

  test('of IPv6 counts as its network', () => {
    const { refuse } = make()
    for (let count = 0; count < attemptsBeforeDelay; count++) expect(refuse(`2001:db8:1:2::${count}`)).toBe(0)
    expect(refuse('2001:db8:1:2:ffff::1')).toBe(60)
    expect(refuse('2001:db8:1:3::1')).toBe(0)
  })
})

describe('a user', () => {
  test('attacked from many addresses: each comparison is delayed longer than the previous one, up to a limit', async () => {
    const { signIn } = make()
    const took: number[] = []
    for (let count = 0; count < 60; count++) took.push((await signIn(`192.0.2.${count}`, 'user/ann', false)).tookMs)
    expect(took.slice(0, attemptsBeforeDelay)).toEqual(Array.from({ length: attemptsBeforeDelay }, () => 0))
    expect(took[attemptsBeforeDelay]).toBe(1_000)
    expect(took.toSorted((a, b) => a - b)).toEqual(took)
    expect(took.at(-1)).toBe(maxSignInDelayMs)
    expect((await signIn('198.51.100.1', 'user/bob', false)).tookMs).toBe(0)
  })

  test('can sign in with the right password, whatever other clients do, from their address and from any', async () => {
    const { signIn } = make()
    for (let count = 0; count < 100; count++) await signIn('192.0.2.1', 'user/ann', false)
    expect((await signIn('192.0.2.1', 'user/ann', false)).outcome).toBe('AuthenticationThrottled')
    expect((await signIn('192.0.2.1', 'user/ann', true)).outcome).toBe('in')
    expect((await signIn('192.0.2.9', 'user/ann', true)).outcome).toBe('in')
    expect((await signIn('192.0.2.1', 'user/bob', true)).outcome).toBe('in')
  })

  test('that was attacked is forgotten after a while', async () => {
    const { clock, signIn } = make()
    for (let count = 0; count < 40; count++) await signIn(`192.0.2.${count}`, 'user/ann', false)
    await clock.advance(failedSignInsKeptMs)
    expect((await signIn('192.0.2.1', 'user/ann', true)).tookMs).toBe(0)
  })
})

test('parallel guesses are not compared in parallel', async () => {
  const { clock, failed } = make()
  let compared = 0
  const attempt = () =>
    failed
      .guard(
        { source: '192.0.2.1', subject: 'user/ann' },
        async () => {
          compared++
          throw chandlerError('SignInFailed', {})
        },
        () => true,
      )
      .catch(() => undefined)
  const all = Array.from({ length: 200 }, attempt)
  await clock.advance(0)
  expect(compared).toBe(attemptsBeforeDelay)
  await clock.advance(maxSignInDelayMs)
  await Promise.all(all)
  expect(compared).toBe(attemptsBeforeDelay + maxAttemptsUnderWay.ofAddress)
})

test('another error does not count as a failed attempt', async () => {
  const { failed, refuse } = make()
  for (let count = 0; count < 50; count++)
    await expect(
      failed.guard(
        { source: '192.0.2.1', subject: 'user/ann' },
        () => Promise.reject(new Error('down')),
        () => false,
      ),
    ).rejects.toThrow('down')
  expect(refuse('192.0.2.1', 'user/ann')).toBe(0)
})
