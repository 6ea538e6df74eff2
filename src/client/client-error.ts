import { chandlerError } from '../core/error/errors.ts'
import type { Problem } from '../protocol/api/problem.ts'

/** A single mistake in a request: where, and what is wrong with it. */
export interface RequestProblem {
  readonly path: string
  readonly message: string
}

/** The server said no, or something that is no answer. `message` says what is wrong, `next` what to do about it. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
  /** From the catalogue (docs/errors.md). */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  readonly next: string
  readonly problems: readonly RequestProblem[]
  /** Names the request in the server's log; empty if there was none. */
  readonly requestId: string

  constructor(
    problem: Omit<Partial<Problem>, 'type' | 'title'> & Pick<Problem, 'code' | 'status' | 'detail' | 'next'>,
  ) {
    super(problem.detail)
    this.code = problem.code
    this.status = problem.status
    this.next = problem.next
    this.problems = problem.problems ?? []
    this.requestId = problem.requestId ?? ''
  }
}

/** No connection, or it broke before the answer was whole. */
export class UnreachableError extends ClientError {
  override readonly name = 'UnreachableError'

  constructor(url: string, cause: unknown) {
    const { code, status, message, next } = chandlerError('ServerUnreachable', { url, reason: reasonOf(cause) })
    super({ code, status, detail: message, next })
    this.cause = cause
  }
}

/** What answered is not a Chandler server, or one of another time. */
export function notUnderstood(url: string, status: number, reason: string): ClientError {
  const error = chandlerError('AnswerInvalid', { url, reason })
  return new ClientError({ code: error.code, status, detail: error.message, next: error.next })
}

/** `fetch failed` says nothing: the reason is in the cause, and with several addresses in the causes of the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0])
  if (cause instanceof Error) return reasonOf(cause)
  return error.message || error.name
}
