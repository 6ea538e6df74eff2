import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { chandlerError } from '../../../core/error/errors.ts'
import { maxRequestHeadBytes } from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Logger } from '../../../lib/logger.ts'
import { makeProblem } from './problem.ts'

/** A sender that was refused may finish what it was saying. */
const graceMs = 5_000

/**
 * What is said to bytes that are no request: a head that is too large, one that never ends, one that is not HTTP. Nobody knows whose it is, so
 * the answer has the fields of both APIs: clients of either read a JSON document with their words in it.
 */
export function createUnreadableHandler({ log, clock }: { readonly log: Logger; readonly clock: Clock }) {
  const answered = new WeakSet<Duplex>()
  return (error: NodeJS.ErrnoException, socket: Duplex): void => {
    // The parser complains of every further piece, too.
    if (answered.has(socket)) return
    answered.add(socket)
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const requestId = randomUUID().toUpperCase()
    const explained = explain(error)
    log.info('a request could not be read', { requestId, code: explained.code })
    const body = JSON.stringify({
      ...makeProblem(explained, requestId),
      RequestId: requestId,
      Code: explained.code,
      Message: explained.message,
    })
    const head = [
      `HTTP/1.1 ${explained.status} ${explained.code}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
    // What is unread when a connection is closed breaks it before the answer is read.
    socket.resume()
    const timer = clock.setTimeout(() => socket.destroy(), graceMs, { unref: true })
    socket.once('close', () => timer.cancel())
  }
}

const explain = ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'HPE_HEADER_OVERFLOW') return chandlerError('RequestHeadTooLarge', { maxBytes: maxRequestHeadBytes })
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return chandlerError('RequestTimedOut', {})
  return chandlerError('RequestInvalid', { reason: `it is not HTTP: ${message}` })
}
