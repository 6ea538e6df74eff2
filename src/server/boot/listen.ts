import type { FastifyInstance } from 'fastify'
import { chandlerError } from '../../core/error/errors.ts'
import { maxRequestHeadBytes, requestHeadTimeoutMs } from '../../core/limits.ts'
import { systemClock } from '../../lib/clock.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { ListenAddress } from './settings/setting-values.ts'

/**
 * Requests (an upload, say) that have not ended by then are aborted: the process has 10 s in total.
 */
const requestDrainMs = 5_000

/** Of a listener with TLS. */
export const listenerLimits = {
  maxHeaderSize: maxRequestHeadBytes,
  headersTimeoutMs: requestHeadTimeoutMs,
  idleTimeoutMs: 120_000,
}

/**
 * Listens on the address and returns the URL of the socket.
 * @throws AddressInUse, OperatorError
 */
export async function listen(api: FastifyInstance, { host, port }: ListenAddress, protocol: string): Promise<string> {
  const shownHost = host.includes(':') ? `[${host}]` : host
  try {
    await api.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const address = `${shownHost}:${port}`
    if (code === 'EADDRINUSE') throw chandlerError('AddressInUse', { address }, undefined, { cause: error })
    if (code === 'EACCES')
      throw new OperatorError(`Not allowed to listen on ${address}. Choose a port from 1024 on with --listen.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new OperatorError(
        `${shownHost} is not an address of this machine. Choose another one with --listen HOST:PORT.`,
      )
    }
    throw error
  }
  const bound = api.addresses()[0]
  return `${protocol}://${shownHost}:${typeof bound === 'object' ? bound.port : port}`
}

/** Ends event streams, disconnects agents and waits a limited time for requests to finish. */
export async function stopListening(
  api: FastifyInstance,
  closeGateway: () => Promise<void>,
  stopping: AbortController,
) {
  stopping.abort()
  const timeout = systemClock.setTimeout(() => api.server.closeAllConnections(), requestDrainMs)
  await Promise.all([api.close(), closeGateway()])
  timeout.cancel()
}
