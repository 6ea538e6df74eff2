import { createDemo } from './demo-extension.ts'
import { at, budget, round } from './figures.ts'
import { insertHistory, insertInstances, oldExecutionId, oldInstanceId } from './history.ts'
import type { System } from './system.ts'

const instances = 100_000
/** 1,000,000 tasks: five executions on all instances, 100 on 5,000. */
const executions = [...Array.from({ length: 5 }, () => instances), ...Array.from({ length: 100 }, () => 5_000)]
const requests = 100

/**
 * Every list of the API, over HTTP, one request at a time, with a large fleet and a long history in
 * the database.
 */
export async function* measureLists(system: System) {
  await createDemo(system.client, { name: 'old' })
  await system.client.joinTokens.create({ uses: 1 })
  const database = await system.connectDatabase()
  await insertInstances(database, instances, 'old-')
  await insertHistory(database, 'old', { instances, executions })
  await database.end()
  for (const [name, path] of Object.entries(paths)) yield await measureList(system, name, path)
}

const large = `/executions/${oldExecutionId(1)}`
const paths: Readonly<Record<string, string>> = {
  instances: '/instances',
  'instances, page of 1,000': '/instances?maxResults=1000',
  'instances by tag': '/instances?targets=tag:env%3Dtest',
  'instances by two tags': '/instances?targets=tag:env%3Dtest,rack%3Dr10',
  'instances by group': '/instances?targets=resource-group:group-7',
  'instances by part of the name': '/instances?name=99999',
  'instances that are away': '/instances?status=offline',
  'instances that are there (none)': '/instances?status=online',
  'instances with an extension': '/instances?extension=old',
  'instances with a version': '/instances?extension=old&version=v1',
  'instances by condition': '/instances?filter=os%3Ddebian,region%3Dcn-beijing&count=true',
  'instances by condition (none)': '/instances?filter=os%3Dnothing&count=true',
  'instances without an extension (none)': '/instances?filter=extension!%3Dold&count=true',
  'instances by free text (none)': '/instances?search=zzzz&count=true',
  'instances by when they were seen': '/instances?sort=-lastSeen&count=true',
  'values of a property': '/instances/values?property=os',
  'values of a tag': '/instances/values?property=tag:rack',
  'extensions of an instance': `/instances/${oldInstanceId(50_000)}/extensions`,
  'history of an instance': `/instances/${oldInstanceId(50_000)}/history`,
  'an instance': `/instances/${oldInstanceId(50_000)}`,
  executions: '/executions',
  'executions by status (none)': '/executions?status=Running',
  'executions by extension': '/executions?extension=old',
  'an execution': large,
  'tasks of 100,000': `${large}/tasks`,
  'tasks of 100,000, page of 1,000': `${large}/tasks?maxResults=1000`,
  'failed tasks of 100,000': `${large}/tasks?status=Failed`,
  'cancelled tasks of 100,000 (none)': `${large}/tasks?status=Cancelled`,
  'tasks of 100,000 by when they ended': `${large}/tasks?sort=-ended`,
  'tasks of 100,000 by how long they took': `${large}/tasks?sort=-duration`,
  'tasks of 100,000 by free text (none)': `${large}/tasks?search=zzzz`,
  'failures of 100,000': `${large}/failures`,
  'progress of 100,000': `${large}/progress`,
  'a task of 100,000': `${large}/tasks/${oldInstanceId(50_000)}`,
  'output of 100,000': `${large}/output`,
  'output of one of 100,000': `${large}/output?instanceId=${oldInstanceId(50_000)}`,
  extensions: '/extensions',
  versions: '/extensions/old/versions',
  'join tokens': '/join-tokens',
  'access keys': '/access-keys',
  'audit log': '/audit-log',
  'audit log of a user (none)': '/audit-log?actor=nobody',
  overview: '/overview',
  'overview of a month': '/overview?days=30',
}

/** Alternates between the first page and the following ones. */
export async function measureList(
  { url, authorization }: Pick<System, 'url' | 'authorization'>,
  name: string,
  path: string,
) {
  const times: number[] = []
  const first = `${url}/api/v1${path}`
  let next = first
  let bytes = 0
  for (let index = 0; index < requests; index++) {
    const from = performance.now()
    const response = await fetch(next, { headers: { authorization } })
    const text = await response.text()
    times.push(performance.now() - from)
    if (!response.ok) throw new Error(`${next} answered ${response.status}: ${text}`)
    bytes = Math.max(bytes, text.length)
    const { nextToken } = JSON.parse(text) as { nextToken?: string }
    next =
      nextToken === undefined
        ? first
        : `${first}${first.includes('?') ? '&' : '?'}nextToken=${encodeURIComponent(nextToken)}`
  }
  const [p50, p99] = [at(times, 0.5), at(times, 0.99)]
  return {
    bench: 'lists',
    list: name,
    requests,
    p50Ms: round(p50),
    p99Ms: round(p99),
    bytes,
    ...budget('p99 ≤ 100 ms', p99 <= 100),
  }
}
