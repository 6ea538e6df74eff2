import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { createLogger } from '../../../lib/logger.ts'
import { registerRequestLog } from './request-log.ts'

test('every line that is written on behalf of a request names it, also after its body has arrived', async () => {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', format: 'json', write: (line) => lines.push(line), now: () => 0 })
  const api = Fastify({ genReqId: ({ url = '' }) => `req-${url.slice(1)}` })
  registerRequestLog(api, log)
  const body = { schema: { body: { type: 'object' } } } as const
  api.post('/:name', body, async () => {
    await new Promise((resolve) => setImmediate(resolve))
    log.child({ part: 'work' }).warn('in the handler')
    return 'done'
  })
  const address = await api.listen({ host: '127.0.0.1', port: 0 })
  try {
    const send = (name: string) =>
      fetch(`${address}/${name}`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    await Promise.all(['a', 'b'].map(send))
    log.info('of nobody')
  } finally {
    await api.close()
  }
  const said = lines.map((line) => JSON.parse(line))
  expect(
    said
      .filter(({ message }) => message === 'in the handler')
      .map(({ requestId }) => requestId)
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['req-a', 'req-b'])
  expect(said.find(({ message }) => message === 'of nobody')).not.toHaveProperty('requestId')
})
