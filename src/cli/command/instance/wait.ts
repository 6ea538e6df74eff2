import type { Client } from '../../../client/client.ts'
import { itemsOf } from '../../../client/pages.ts'
import { renderSelector, type Targets } from '../../../core/plan/targets.ts'
import type { InstanceView } from '../../../protocol/api/instances.ts'
import { exitCodes } from '../../exit-code.ts'
import { isInstanceId } from '../../find-instance.ts'
import { parseDurationOption } from '../../parse-option.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly ready?: boolean
  readonly timeout: number
}

const defaultTimeoutMs = 15 * 60_000
const pollMs = 2_000

export const registerInstanceWait: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'wait <instances...>',
    'wait until instances are connected and ready: every extension of their boot profile is installed, and their assignments hold. Instances that have not joined yet are awaited, too',
    waitForInstances,
  )
    .option('--ready', 'the default, and the only condition')
    .option(
      '--timeout <time>',
      'time to wait (default: 15m); afterwards the exit code is 1',
      parseDurationOption,
      defaultTimeoutMs,
    )
}

async function waitForInstances({ client, context, options, print }: ApiRun<Options>, words: readonly string[]) {
  const deadline = performance.now() + options.timeout
  const reported = new Set<string>()
  for (;;) {
    const found = await listNamed(client, words)
    const ready = words.filter((word) => found.get(word)?.status === 'online' && found.get(word)?.ready)
    for (const word of ready)
      if (!reported.has(word)) {
        reported.add(word)
        context.err.line(`${word} is ready`)
      }
    const missing = words.filter((word) => !ready.includes(word))
    if (missing.length === 0) {
      print(
        words.map((word) => ({ id: found.get(word)?.id, name: found.get(word)?.name, ready: true })),
        () => undefined,
      )
      return exitCodes.success
    }
    for (const word of missing) {
      const failure = await findFailure(client, found.get(word))
      if (failure === undefined) continue
      context.err.line(`${word} is not ready: ${failure}`)
      return exitCodes.failed
    }
    if (performance.now() >= deadline) {
      for (const word of missing) context.err.line(`${word} is not ready: ${describe(found.get(word))}`)
      return exitCodes.failed
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, Math.max(0, deadline - performance.now()))))
  }
}

/** The instances with these ids or names, by the word that names them. */
async function listNamed(client: Client, words: readonly string[]): Promise<Map<string, InstanceView>> {
  const found = new Map<string, InstanceView>()
  const [ids, names] = [words.filter(isInstanceId), words.filter((word) => !isInstanceId(word))]
  const add = async (targets: Targets, nameOf: (instance: InstanceView) => string) => {
    const selector = renderSelector(targets)
    for await (const instance of itemsOf((page) => client.instances.list({ ...page, targets: selector })))
      found.set(nameOf(instance), instance)
  }
  if (ids.length > 0) await add({ kind: 'ids', ids }, ({ id }) => id)
  if (names.length > 0) await add({ kind: 'names', names }, ({ name }) => name)
  return found
}

/** Why waiting is useless until somebody acts; undefined while it may succeed. */
async function findFailure(client: Client, instance: InstanceView | undefined): Promise<string | undefined> {
  const id = instance?.boot?.executionId
  if (id === undefined || instance?.ready) return undefined
  const { status } = await client.executions.get(id)
  if (status !== 'Failed' && status !== 'Cancelled') return undefined
  return `the execution of its boot profile is ${status}. Run: chandler execution show ${id}`
}

function describe(instance: InstanceView | undefined): string {
  if (instance === undefined) return 'it has not joined'
  if (instance.admission !== 'admitted') return `it is ${instance.admission}`
  if (instance.status === 'offline') return 'it is offline'
  const { boot } = instance
  if (boot?.assignments && boot.assignments.length > 0)
    return `assignments do not hold yet: ${boot.assignments.join(', ')}`
  if (boot && boot.joinToken === undefined) return 'its assignments have not been evaluated'
  if (boot?.failure) return `its boot profile could not be started: ${boot.failure.message}`
  return boot?.executionId === undefined
    ? 'its boot profile has not been started'
    : `the execution ${boot.executionId} has not ended`
}
