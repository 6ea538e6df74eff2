import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { chandlerError } from '../../../core/error/errors.ts'
import { maxRequestHeadBytes } from '../../../core/limits.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Logger } from '../../../lib/logger.ts'
import { makeProblem } from './problem.ts'

/** After a rejected request its sender may finish sending for this long. */
const graceMs = 5_000

/**
 * Answers bytes that are not a request: a head that is too large or never ends, or another
 * protocol. The API that they were meant for is unknown, so the response has the fields of both:
 * each client finds the ones that it knows.
 */
export function createUnreadableHandler({ log, clock }: { readonly log: Logger; readonly clock: Clock }) {
  const answered = new WeakSet<Duplex>()
  return (error: NodeJS.ErrnoException, socket: Duplex): void => {
    // The parser reports every further chunk, too.
    if (answered.has(socket)) return
    answered.add(socket)
    // A client whose handshake is late must not take a written answer for that to its request.
    const isShakingHands = 'secureConnecting' in socket && socket.secureConnecting === true
    if (error.code === 'ECONNRESET' || isShakingHands || !socket.writable) return void socket.destroy()
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
    // Closing a connection with unread data resets it before the client reads the response.
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
