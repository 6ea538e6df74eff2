import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Client } from '../client/client.ts'
import { ClientError } from '../client/client-error.ts'
import { createManualClock } from '../lib/manual-clock.ts'
import { signInAtProvider, signInWithPassword } from './sign-in.ts'

const session = { token: 'a-token', userName: 'anna', expiresAt: '2026-01-02T00:00:00Z' }

const problem = (code: string) => new ClientError({ status: 403, code, detail: code, next: '', requestId: 'req' })

type Session = Client['session']

/** A client with these answers of the server. */
const clientOf = (answers: Partial<Session>) => ({ session: answers }) as Client

function makeErr() {
  const lines: string[] = []
  return { lines, err: { line: (text = '') => lines.push(text) } as never }
}

test('the sign-in at the provider waits as long as the server says', async () => {
  const clock = createManualClock(0)
  const { lines, err } = makeErr()
  const answers = [{ intervalMs: 5_000 }, { intervalMs: 10_000 }, { intervalMs: 10_000, session }]
  const polled: [handle: string, atMs: number][] = []
  const client = clientOf({
    beginDevice: async () => ({
      handle: 'a-handle',
      userCode: 'WDJB-MJHT',
      verificationUri: 'https://login.example/device',
      expiresAt: '2026-01-01T00:10:00Z',
      intervalMs: 5_000,
    }),
    pollDevice: async (handle) => {
      polled.push([handle, clock.now()])
      return answers.shift() as { intervalMs: number }
    },
  })
  const result = signInAtProvider({ err }, client, clock)
  for (const waitMs of [5_000, 5_000, 10_000]) {
    await expect.poll(() => clock.dueAt()).toEqual([clock.now() + waitMs])
    await clock.advance(waitMs)
  }
  expect(await result).toEqual(session)
  expect(polled).toEqual([5_000, 10_000, 20_000].map((at) => ['a-handle', at]))
  expect(lines).toEqual(['Open https://login.example/device in a browser and enter the code WDJB-MJHT.'])
})

test('a refusal of the provider ends the sign-in', async () => {
  const clock = createManualClock(0)
  const client = clientOf({
    beginDevice: async () => Promise.reject(problem('SsoNoDeviceFlow')),
  })
  await expect(signInAtProvider({ err: makeErr().err }, client, clock)).rejects.toMatchObject({
    code: 'SsoNoDeviceFlow',
  })
})

function signInWith(input: string, needsCode: boolean) {
  const asked: unknown[] = []
  const client = clientOf({
    signInForToken: async (body) => {
      asked.push(body)
      if (needsCode && body.code === undefined) throw problem('SecondFactorRequired')
      return session
    },
  })
  const stdin = Readable.from([input]) as never
  return { asked, result: signInWithPassword({ stdin, err: makeErr().err }, client, 'anna') }
}

test('standard input has the password, and the code if the server asks for it', async () => {
  const without = signInWith('a password\n', false)
  expect(await without.result).toEqual(session)
  expect(without.asked).toEqual([{ userName: 'anna', password: 'a password' }])
  const withCode = signInWith('a password\n123456\n', true)
  expect(await withCode.result).toEqual(session)
  expect(withCode.asked[1]).toEqual({ userName: 'anna', password: 'a password', code: '123456' })
})

test('without a password nothing is sent', async () => {
  const { asked, result } = signInWith('', false)
  await expect(result).rejects.toThrow('the password is missing')
  expect(asked).toEqual([])
})
