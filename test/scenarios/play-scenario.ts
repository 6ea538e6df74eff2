import { taskStatuses } from '../../src/core/execution/execution.ts'
import type { InvocationState } from '../../src/core/execution/invocation.ts'
import { type TaskCount, totalTasks } from '../../src/core/execution/task-counts.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../src/core/id.ts'
import { renderEnglishReason } from '../../src/core/reason/english-reasons.ts'
import type { EndState } from '../sim/agent.ts'
import { createJudge } from '../sim/judge.ts'
import { makeExecution } from '../sim/make-execution.ts'
import { type ExecutionRow, listCounts } from '../sim/rows.ts'
import { createServer, realDeciders, type SimulatedServer } from '../sim/server.ts'
import type { OperatorControl } from '../sim/sim-event.ts'
import { createTimeline } from '../sim/timeline.ts'
import { createTrace } from '../sim/trace.ts'
import { parseCommand, parseList, parseMs, parsePlan } from './scenario-language.ts'

/**
 * Plays a scenario: a text of commands (`> …`), comments (`# …`) and the results. Returns the text
 * with new results under the same commands and comments. Checks every rule of the simulator. Throws
 * for an invalid line.
 */
export function playScenario(text: string): string {
  const world = createWorld()
  const lines = text.split('\n').filter((line) => line === '' || line.startsWith('>') || line.startsWith('#'))
  return lines
    .flatMap((line, index) => {
      if (!line.startsWith('>')) return [line]
      try {
        return [line, ...world.command(line.slice(1).trim()).map((said) => `  ${said}`)]
      } catch (error) {
        throw new Error(
          `"${line}" (command or comment ${index + 1}): ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    })
    .join('\n')
}

function createWorld() {
  const timeline = createTimeline()
  const trace = createTrace()
  // The rule about cancels counts from the poke or, if pokes are lost, from a sweep; a scenario has
  // sweeps only as explicit commands.
  const judge = createJudge(Number.POSITIVE_INFINITY)
  /** The last invocation handed out to each instance. */
  const given = new Map<InstanceId, InvocationId>()
  let losing = false
  const server: SimulatedServer = createServer(
    timeline,
    realDeciders,
    { losesPoke: () => losing, gateHolds: () => true, nudge: () => undefined, fetchesMeanwhile: () => false },
    (event, rows) => {
      trace.add(rows.now(), event)
      judge(event, rows)
    },
  )

  const findExecution = (name = ''): ExecutionRow => {
    const execution = server.rows.executions.find(({ id }) => id === `exec-${name}`)
    if (!execution) throw new Error(`there is no execution ${name}`)
    return execution
  }
  /** Invocations by id, or the last ones handed out to instances. */
  const findInvocations = (list: string): InvocationId[] => {
    if (list.startsWith('inv-')) return list.split(',') as InvocationId[]
    return parseList(list).map((number) => {
      const id = given.get(instanceIdOf(number))
      if (id === undefined) throw new Error(`instance ${number} was given nothing`)
      return id
    })
  }

  const commands: Readonly<Record<string, (...words: string[]) => string[] | void>> = {
    start: (name = '', ...settings) =>
      server.insert(makeExecution(`exec-${name}` as ExecutionId, parsePlan(settings), instanceIdOf)),
    fetch(list = '') {
      for (const instanceId of parseList(list).map(instanceIdOf)) {
        for (const id of server.fetch(instanceId).invocations) given.set(instanceId, id)
      }
    },
    say: (list = '', state = '') =>
      findInvocations(list).forEach((id) => server.progress(id, state as InvocationState)),
    end: (list = '', state = '') => findInvocations(list).forEach((id) => server.end(id, state as EndState)),
    wait: (duration = '') => timeline.runUntil(timeline.now() + parseMs(duration)),
    lose: () => void (losing = true),
    deliver: () => void (losing = false),
    sweep: () => server.sweep(),
    show(name) {
      const execution = findExecution(name)
      return describeExecution(execution, listCounts(execution))
    },
  }
  for (const control of [
    'pause',
    'resume',
    'cancel',
    'complete',
    'retryTask',
    'skipTask',
    'runTask',
    'cancelTask',
  ] as const satisfies OperatorControl[]) {
    Object.assign(commands, {
      [control]: (name: string, ordinal?: string) =>
        server.ask(findExecution(name), control, ...(ordinal === undefined ? [] : [Number(ordinal)])),
    })
  }

  return {
    /**
     * The result of a command: immediate events and, unless pokes are lost, those of the next
     * moment.
     */
    command(line: string): string[] {
      const { name, words } = parseCommand(line, Object.keys(commands))
      trace.clear()
      const said = commands[name]?.(...words)
      timeline.runUntil(timeline.now() + momentMs)
      return [...trace.lines(), ...(said ?? [])]
    },
  }
}

/** Longer than a poke takes. */
const momentMs = 10

const instanceIdOf = (number: number) => `i-${number}` as InstanceId

/** The answer to `show`. */
export function describeExecution(
  { id, status, reasonCode, reason }: Pick<ExecutionRow, 'id' | 'status' | 'reasonCode' | 'reason'>,
  counts: readonly TaskCount[],
): string[] {
  const batches = [...new Set(counts.map(({ batch }) => batch))].sort((a, b) => a - b)
  return [
    `${id} is ${status} (${reasonCode}): ${renderEnglishReason(reason)}`,
    ...batches.map((batch) => {
      const totals = totalTasks(counts, (row) => row.batch === batch)
      const shown = taskStatuses.filter((one) => totals[one] > 0).map((one) => `${totals[one]} ${one}`)
      return `batch ${batch}: ${shown.join(', ')}`
    }),
  ]
}
