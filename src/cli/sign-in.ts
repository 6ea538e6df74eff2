import { createInterface } from 'node:readline/promises'
import type { Client } from '../client/client.ts'
import { ClientError } from '../client/client-error.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { SessionToken } from '../protocol/api/sessions.ts'
import { askSecret } from './ask-secret.ts'
import type { CliContext } from './context.ts'
import { UsageError } from './usage-error.ts'

/**
 * Begins a session with a password, and a code if the user has a second factor. Without a terminal,
 * standard input has the password in its first line and the code in its second.
 * @throws UsageError without a password
 */
export async function signInWithPassword(
  context: Pick<CliContext, 'stdin' | 'err'>,
  client: Client,
  userName: string,
): Promise<SessionToken> {
  const answers = context.stdin.isTTY === true ? askTerminal(context) : readLines(context)
  try {
    const password = await answers.next('Password: ')
    if (password === '') throw new UsageError('the password is missing', 'Write it to standard input.')
    try {
      return await client.session.signInForToken({ userName, password })
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'SecondFactorRequired') throw error
      return await client.session.signInForToken({ userName, password, code: await answers.next('Code: ') })
    }
  } finally {
    answers.close()
  }
}

interface Answers {
  /** The next line; empty at the end of the input. */
  next(prompt: string): Promise<string>
  close(): void
}

const askTerminal = (context: Pick<CliContext, 'stdin' | 'err'>): Answers => ({
  next: (prompt) => askSecret(context, prompt),
  close() {},
})

function readLines({ stdin }: Pick<CliContext, 'stdin'>): Answers {
  const lines = createInterface({ input: stdin })
  const iterator = lines[Symbol.asyncIterator]()
  return {
    async next() {
      const line = await iterator.next()
      return line.done ? '' : line.value.trim()
    },
    close: () => lines.close(),
  }
}

/**
 * Begins a session at the identity provider: the user opens its page on any device and enters a
 * code, meanwhile the command asks the server for the result.
 */
export async function signInAtProvider(
  { err }: Pick<CliContext, 'err'>,
  client: Client,
  clock: Pick<Clock, 'wait'> = systemClock,
): Promise<SessionToken> {
  const { handle, userCode, verificationUri, verificationUriComplete, ...first } = await client.session.beginDevice()
  err.line(`Open ${verificationUri} in a browser and enter the code ${userCode}.`)
  if (verificationUriComplete !== undefined) err.line(`Or open ${verificationUriComplete}`)
  for (let { intervalMs } = first; ; ) {
    await clock.wait(intervalMs)
    const answer = await client.session.pollDevice(handle)
    if (answer.session) return answer.session
    intervalMs = answer.intervalMs
  }
}
