import { once } from 'node:events'
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionView, TaskView } from '../../../src/protocol/api/executions.ts'
import type { System } from '../system.ts'

/** The event stream of a real server during an execution. */
export interface Recording {
  readonly execution: ExecutionView
  readonly pieces: readonly { readonly atMs: number; readonly text: string }[]
  readonly updates: number
  readonly seconds: number
}

export async function recordExecution(
  { url, authorization, client }: System,
  id: string,
  durationMs: number,
): Promise<Recording> {
  const execution = await client.executions.get(id)
  const stop = new AbortController()
  const response = await fetch(`${url}/api/v1/executions/${id}/events?after=${execution.revision}`, {
    headers: { authorization, accept: 'text/event-stream' },
    signal: stop.signal,
  })
  const pieces: { atMs: number; text: string }[] = []
  const from = performance.now()
  if (!response.body) throw new Error('the stream of an execution has no body')
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    pieces.push({ atMs: performance.now() - from, text })
    if (performance.now() - from > durationMs) break
  }
  stop.abort()
  return { execution, pieces, updates: countUpdates(pieces), seconds: (pieces.at(-1)?.atMs ?? 0) / 1000 }
}

function countUpdates(pieces: Recording['pieces']): number {
  const lines = pieces
    .map(({ text }) => text)
    .join('')
    .split('\n')
  return lines.reduce((sum, line, index) => {
    // The last line may be incomplete.
    if (!line.startsWith('data: [') || lines[index + 1] !== '') return sum
    return sum + (JSON.parse(line.slice('data: '.length)) as unknown[]).length
  }, 0)
}

export interface Replay {
  readonly url: string
  /** Starts the replay; the stream is silent before. */
  start(): void
  stop(): Promise<void>
}

/**
 * The console of an idle server, with one execution replaced by a recording: its tasks start as
 * they were before they ran, and its stream replays at the original pace. So a browser's CPU time
 * is that of the page alone.
 */
export async function replayExecution({ url, authorization }: System, recording: Recording): Promise<Replay> {
  const { execution, pieces } = recording
  const path = `/api/v1/executions/${execution.id}`
  const streams = new Set<ServerResponse>()
  const timers = new Set<NodeJS.Timeout>()
  const say = (response: ServerResponse, body: unknown) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(body))
  }
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { pathname, search } = new URL(incoming.url ?? '/', url)
    if (pathname === path) return say(response, execution)
    if (pathname === `${path}/tasks`)
      return say(response, await listTasksBefore(`${url}${pathname}${search}`, authorization))
    if (pathname === `${path}/events`) return openStream(response)
    pass(incoming, response, url)
  }
  function openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
    response.write(': open\n\n')
    streams.add(response)
    response.on('close', () => streams.delete(response))
  }
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    start() {
      for (const { atMs, text } of pieces) {
        const timer = setTimeout(() => {
          timers.delete(timer)
          for (const stream of streams) stream.write(text)
        }, atMs)
        timers.add(timer)
      }
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function listTasksBefore(address: string, authorization: string): Promise<object> {
  const response = await fetch(address, { headers: { authorization } })
  const { items, ...rest } = (await response.json()) as { items: TaskView[]; nextToken?: string }
  const before = items.map(({ endedAt: _, startedAt: __, exitCode: ___, ...task }) => ({
    ...task,
    status: 'Pending',
    reasonCode: 'Planned',
    reason: '',
    revision: 0,
  }))
  return { items: before, ...rest }
}

function pass(incoming: IncomingMessage, response: ServerResponse, url: string): void {
  const { host, hostname, port } = new URL(url)
  const { method, headers } = incoming
  const onward = ask({ hostname, port, path: incoming.url, method, headers: { ...headers, host } }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers)
    answered.pipe(response)
  })
  onward.on('error', () => response.destroy())
  response.on('close', () => onward.destroy())
  incoming.pipe(onward)
}
