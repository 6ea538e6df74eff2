import { chandlerError } from '../core/error/errors.ts'
import type { Problem } from '../protocol/api/problem.ts'

/** A single problem of a request: its place, and what is wrong. */
export type RequestProblem = NonNullable<Problem['problems']>[number]

/**
 * The server refused the request, or its answer is not a valid one. `message` says what is wrong,
 * `next` what to do.
 */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
  /** Code from the error catalogue (docs/errors.md). */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  readonly next: string
  /** What the texts contain, by its name in the catalogue; undefined from a server of an earlier release. */
  readonly arguments: Problem['arguments']
  readonly problems: readonly RequestProblem[]
  /** Identifies the request in the server's log; empty if the server did not send an id. */
  readonly requestId: string

  constructor(
    problem: Omit<Partial<Problem>, 'type' | 'title'> & Pick<Problem, 'code' | 'status' | 'detail' | 'next'>,
  ) {
    super(problem.detail)
    this.code = problem.code
    this.status = problem.status
    this.next = problem.next
    this.arguments = problem.arguments
    this.problems = problem.problems ?? []
    this.requestId = problem.requestId ?? ''
  }
}

/** No connection, or the connection broke before the answer was complete. */
export class UnreachableError extends ClientError {
  override readonly name = 'UnreachableError'

  /** @param explain describes an error of the network; absent: its message */
  constructor(url: string, cause: unknown, explain?: (error: { code?: string; message: string }) => string) {
    const origin = originOf(cause)
    const reason = explain && origin instanceof Error ? explain(origin) : messageOf(origin)
    const error = chandlerError('ServerUnreachable', { url, reason })
    const { code, status, message, next } = error
    super({ code, status, detail: message, next, arguments: error.arguments })
    this.cause = cause
  }
}

/** The answer does not come from a Chandler server, or from one of an incompatible version. */
export function notUnderstood(url: string, status: number, reason: string): ClientError {
  const error = chandlerError('AnswerInvalid', { url, reason })
  const { code, message, next } = error
  return new ClientError({ code, status, detail: message, next, arguments: error.arguments })
}

/**
 * `fetch failed` has no detail: the reason is in the cause, and with several addresses in the
 * causes of the cause.
 */
function originOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { cause } = error
  if (cause instanceof AggregateError && cause.errors.length > 0) return originOf(cause.errors[0])
  return cause instanceof Error ? originOf(cause) : error
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message || error.name : String(error))
