import type { Client } from '../client/client.ts'
import { itemsOf } from '../client/pages.ts'
import { countWithNoun, printable } from './output/printable.ts'
import type { Sink } from './output/sink.ts'

/** Output of a command on one instance. */
export interface RunOutput {
  readonly instanceId: string
  readonly instanceName: string
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Maximum that is kept in memory and printed; `chandler logs` prints the rest. */
const maxOutputBytes = 16 * 1024 * 1024
/** Instance names printed above a common output. */
const maxNames = 8

/**
 * Output of the newest attempt on each instance, in task order; `isComplete`: without truncation.
 */
export async function readRunOutput(
  client: Client,
  executionId: string,
): Promise<{ readonly outputs: readonly RunOutput[]; readonly isComplete: boolean }> {
  const byInvocation = new Map<
    string,
    { instanceId: string; instanceName: string; stdout: Buffer[]; stderr: Buffer[] }
  >()
  const newest = new Map<string, string>()
  let size = 0
  let isComplete = true
  for await (const chunk of itemsOf((page) => client.executions.listOutput(executionId, page))) {
    const data = Buffer.from(chunk.data, 'base64')
    size += data.length
    if (size > maxOutputBytes) {
      isComplete = false
      break
    }
    const { invocationId, instanceId, instanceName, stream } = chunk
    const kept = byInvocation.get(invocationId) ?? { instanceId, instanceName, stdout: [], stderr: [] }
    kept[stream].push(data)
    byInvocation.set(invocationId, kept)
    newest.set(instanceId, invocationId)
  }
  const outputs = [...newest.values()].flatMap((id) => byInvocation.get(id) ?? [])
  return {
    outputs: outputs.map(({ stdout, stderr, ...of }) => ({
      ...of,
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr),
    })),
    isComplete,
  }
}

/** Groups identical outputs under their instances, the most frequent first. */
export function groupOutputs(outputs: readonly RunOutput[]): readonly (readonly RunOutput[])[] {
  const groups = Map.groupBy(
    outputs,
    ({ stdout, stderr }) => `${stdout.toString('latin1')}\0${stderr.toString('latin1')}`,
  )
  return [...groups.values()].toSorted((a, b) => b.length - a.length)
}

export function printRunOutput(out: Sink, err: Sink, outputs: readonly RunOutput[]): void {
  for (const group of groupOutputs(outputs)) {
    const [first] = group
    if (!first) continue
    const names = group.slice(0, maxNames).map(({ instanceName }) => printable(instanceName))
    const more = group.length > maxNames ? `, … (${countWithNoun(group.length, 'instance')})` : ''
    out.line(out.style('bold', `== ${names.join(', ')}${more}`))
    for (const [sink, data] of [
      [out, first.stdout],
      [err, first.stderr],
    ] as const) {
      if (data.length === 0) continue
      sink.write(data)
      if (data.at(-1) !== 0x0a) sink.write('\n')
      sink.endStyle()
    }
  }
}
