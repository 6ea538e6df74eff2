import type { KeyObject } from 'node:crypto'
import type { Fingerprint } from '../../core/instance/agent-identity.ts'
import { isCertificateError } from '../../core/tls/describe-tls-error.ts'
import { type Backoff, backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { EnrolRequest } from '../../protocol/agent-messages.ts'
import { agentPaths, enrolProof } from '../../protocol/agent-protocol.ts'
import { enrolResponseShape } from '../../protocol/agent-shapes.ts'
import { tryShape } from '../../protocol/shape.ts'
import { readBody, requestHttp, resolveBelow } from './http-request.ts'
import { rawPublicKey, signWith } from './identity.ts'
import { directNetwork, type Network } from './network.ts'

export interface EnrolOptions {
  readonly server: string
  readonly token: string
  /**
   * Stored before enrolling: if the answer is lost, the agent repeats the request with the same key
   * and gets the same answer.
   */
  readonly privateKey: KeyObject
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly facts: EnrolRequest['facts']
  readonly fingerprint?: Fingerprint
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly signal?: AbortSignal
  readonly network?: Network
}

const backoff: Backoff = { baseMs: 1_000, maxMs: 60_000 }
const idleTimeoutMs = 30_000
const maxAnswerBytes = 64 * 1024

/**
 * The previous agent process may have ended without closing its connection: until the server
 * notices (three heartbeats), the instance counts as online.
 */
const namePatienceMs = 120_000

/**
 * Retries until the server has answered. Resolves with the instance id; rejects with OperatorError
 * when the server refuses (an invalid, expired or used-up token), and with AbortError when the
 * signal aborts.
 */
export async function enrol(options: EnrolOptions): Promise<string> {
  const { server, clock, random, log, signal } = options
  const body = JSON.stringify(makeRequest(options))
  const startedAt = clock.monotonicMs()
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted()
    const problem = await ask(server, body, signal, options.network ?? directNetwork)
    if ('instanceId' in problem) {
      const { instanceId, isPending } = problem
      if (isPending)
        log.warn(
          `an operator has to approve this instance before it gets work: chandler instance approve ${instanceId}`,
        )
      return instanceId
    }
    if (problem.isNameTaken && clock.monotonicMs() - startedAt >= namePatienceMs)
      throw new OperatorError(problem.reason)
    const delayMs = backoffDelayMs(backoff, attempt, random)
    log.warn(`cannot enrol at ${server}: ${problem.reason}; trying again in ${(delayMs / 1_000).toFixed(1)} s`)
    await clock.wait(delayMs, signal)
  }
}

const makeRequest = ({ token, privateKey, name, tags, facts, fingerprint }: EnrolOptions): EnrolRequest => ({
  token,
  publicKey: rawPublicKey(privateKey),
  proof: signWith(privateKey, enrolProof(token)),
  name,
  tags: { ...tags },
  facts,
  ...(fingerprint && { fingerprint }),
})

/** The id, or the reason for a retry. */
async function ask(
  server: string,
  body: string,
  signal: AbortSignal | undefined,
  network: Network,
): Promise<
  | { readonly instanceId: string; readonly isPending: boolean }
  | { readonly reason: string; readonly isNameTaken?: true }
> {
  let status: number
  let text: string
  try {
    const url = resolveBelow(server, agentPaths.enrol)
    const response = await requestHttp(url, {
      agent: network.agentFor(url),
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body,
      idleTimeoutMs,
      ...(signal === undefined ? {} : { signal }),
    })
    status = response.statusCode ?? 0
    text = await readBody(response, maxAnswerBytes)
  } catch (error) {
    signal?.throwIfAborted()
    const reason = network.explain(error as NodeJS.ErrnoException, new URL(server))
    // Nothing was sent, and a retry would change nothing.
    if (isCertificateError((error as NodeJS.ErrnoException).code))
      throw new OperatorError(`${server} does not enrol this instance: ${reason}`, { cause: error })
    return { reason }
  }
  if (status >= 500 || status === 408 || status === 429) return { reason: `it answered ${status}${problemOf(text)}` }
  const isSuccess = status >= 200 && status < 300
  const answer = isSuccess ? tryShape(enrolResponseShape, parseJson(text)) : undefined
  if (answer) return { instanceId: answer.instanceId, isPending: answer.isPending === true }
  if (status === 409 && codeOf(text) === 'InstanceNameTaken')
    return { reason: `${server} does not enrol this instance (${status})${problemOf(text)}`, isNameTaken: true }
  if (status >= 400) throw new OperatorError(`${server} does not enrol this instance (${status})${problemOf(text)}`)
  throw new OperatorError(
    `${server} answered the enrolment with ${status} and no instance id: is it a Chandler server?`,
  )
}

/** The text of a problem+json answer: `: detail next`, or empty. */
function problemOf(text: string): string {
  const problem = parseJson(text)
  if (problem === null || typeof problem !== 'object') return ''
  const { title, detail, next } = problem as Record<string, unknown>
  const said = [detail ?? title, next].filter((part) => typeof part === 'string' && part !== '')
  return said.length > 0 ? `: ${said.join(' ').slice(0, 1_000)}` : ''
}

function codeOf(text: string): unknown {
  const problem = parseJson(text)
  return problem !== null && typeof problem === 'object' ? (problem as Record<string, unknown>)['code'] : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
