import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'

/**
 * Where the same is asked for again: the page of batch operations with everything filled in that an execution shows. Values of parameters are not
 * shown by any, so a person gives them. Undefined: that page does not ask for such an operation.
 */
export function findBatchAddress(
  execution: Pick<ExecutionView, 'operation' | 'targets' | 'rateControl' | 'mode' | 'batches'>,
): string | undefined {
  const { operation, rateControl, mode } = execution
  if (operation.kind !== 'extension') return undefined
  const query = new URLSearchParams({ action: operation.action, extension: operation.extension })
  if (operation.version !== undefined && operation.action !== 'uninstall') query.set('version', operation.version)
  for (const [name, value] of Object.entries(askTargets(execution.targets))) query.set(name, value)
  query.set('control', rateControl.mode)
  if (rateControl.mode === 'Batch') {
    const sizes = execution.batches.filter(({ number }) => number > 0).map(({ size }) => size)
    query.set('batches', shortenSizes(sizes).join(', '))
    query.set('batchConcurrency', String(rateControl.concurrency))
    query.set('pause', rateControl.batchPause)
  } else query.set('concurrency', String(rateControl.concurrency))
  query.set('errors', String(rateControl.maxErrors))
  query.set('mode', mode)
  return `/batch?${query}`
}

/** A longer address is refused by servers; the instances are chosen again. */
const maxIds = 300

function askTargets(targets: ExecutionView['targets']): Record<string, string> {
  switch (targets.kind) {
    case 'all':
      return { by: 'all' }
    case 'ids':
      return targets.ids.length > maxIds ? {} : { by: 'pick', instances: targets.ids.join(',') }
    case 'names':
      return { by: 'list' }
    case 'tags':
      return {
        by: 'tags',
        tags: Object.entries(targets.tags)
          .map((pair) => pair.map((text) => text.replaceAll(/[\\,=]/g, '\\$&')).join('='))
          .join(','),
      }
    case 'group':
      return { by: 'group', group: targets.group }
  }
}

/** The last size repeats until every task has a batch; the very last batch may be smaller. */
function shortenSizes(sizes: readonly number[]): number[] {
  const short = [...sizes]
  if (short.length > 1 && (short.at(-1) ?? 0) < (short.at(-2) ?? 0)) short.pop()
  while (short.length > 1 && short.at(-1) === short.at(-2)) short.pop()
  return short
}
