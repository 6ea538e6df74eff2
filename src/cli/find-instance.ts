import type { Client } from '../client/client.ts'
import { renderSelector } from '../core/plan/targets.ts'
import { UsageError } from './usage-error.ts'

/** Whether a word is an id, and no name. */
export const isInstanceId = (word: string): boolean => /^i-[0-9a-z]{1,64}$/.test(word)

/** More candidates than a message lists. */
const maxNamed = 5

/**
 * Resolves an id or a unique name to the instance's id.
 * @throws UsageError
 */
export async function findInstance(client: Client, word: string): Promise<string> {
  if (isInstanceId(word)) return word
  const targets = renderSelector({ kind: 'names', names: [word] })
  const { items } = await client.instances.list({ targets, maxResults: maxNamed })
  return chooseOne(
    word,
    items.map(({ id }) => id),
    'List the instances with `chandler instance list`.',
    'no instance has this id or name',
  )
}

/**
 * Resolves an id or a name of an instance within an execution to the instance's id.
 * @throws UsageError
 */
export async function findTaskInstance(client: Client, executionId: string, word: string): Promise<string> {
  const ids: string[] = []
  let nextToken: string | undefined
  do {
    const page = await client.executions.listTasks(executionId, { search: word, nextToken })
    for (const task of page.items) {
      if (task.instanceId === word) return word
      if (task.instanceName === word) ids.push(task.instanceId)
    }
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return chooseOne(
    word,
    ids,
    `List its tasks with \`chandler execution show ${executionId}\`.`,
    `${executionId} has no task for an instance with this id or name`,
  )
}

function chooseOne(word: string, ids: readonly string[], next: string, none: string): string {
  const [id, second] = ids
  if (id === undefined) throw new UsageError(`"${word}": ${none}`, next)
  if (second !== undefined) {
    const named = `${ids.slice(0, maxNamed).join(', ')}${ids.length > maxNamed ? ', …' : ''}`
    throw new UsageError(`"${word}" is the name of several instances: ${named}`, 'Use an id.')
  }
  return id
}
