import { chunksOf } from '../../../../../src/client/byte-stream.ts'
import type { Client } from '../../../../../src/client/client.ts'
import type { Stream } from '../../../../../src/protocol/agent-protocol.ts'
import { stripAnsi } from './ansi-spans.ts'

/** Limit of lines for comparison. */
export const comparedBytes = 1_000_000

/** The beginning of a task's output, as lines without colours. */
export async function readOutputLines(
  client: Client,
  executionId: string,
  instanceId: string,
  stream: Stream | undefined,
): Promise<{ readonly lines: readonly string[]; readonly isCut: boolean }> {
  const enough = new AbortController()
  const response = await client.executions.openOutput(executionId, instanceId, { stream }, enough.signal)
  const decoder = new TextDecoder()
  let text = ''
  let isCut = false
  if (response.body)
    for await (const chunk of chunksOf(response.body)) {
      text += decoder.decode(chunk, { stream: true })
      isCut = text.length > comparedBytes
      if (isCut) break
    }
  if (isCut) enough.abort()
  const lines = text.slice(0, comparedBytes).replace(/\n$/, '').split('\n').map(stripAnsi)
  return { lines: text === '' ? [] : lines, isCut }
}
