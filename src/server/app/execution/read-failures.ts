import { chandlerError } from '../../../core/error/errors.ts'
import { type TaskReasonCode, taskReasonCodes } from '../../../core/execution/execution.ts'
import { type FailureHint, findFailureHint } from '../../../core/execution/failure-lines.ts'
import type { ExecutionId } from '../../../core/id.ts'
import { type CountedFailures, type FailureGroupRow, listFailureGroups } from '../../../store/task/task-failures.ts'
import type { Actor, AppContext } from '../context.ts'
import { readStatus } from './read-executions.ts'

/** A group of similar failures. */
export interface FailureGroupView {
  /** Identifies the group: 16 hex digits, or a reason code and, after a colon, an exit code. */
  readonly key: string
  readonly reasonCode: TaskReasonCode
  readonly exitCode: number | undefined
  readonly lines: readonly string[]
  readonly count: number
  readonly samples: FailureGroupRow['samples']
  readonly hint: FailureHint | undefined
}

/** More groups mean that some kind of failure is not folded well. */
const maxGroups = 100

/**
 * The failed tasks of an execution in groups of similar ones, largest first. @throws
 * ExecutionNotFound
 */
export async function readFailures(
  context: Pick<AppContext, 'database'>,
  actor: Pick<Actor, 'accountId'>,
  id: string,
): Promise<{ readonly groups: readonly FailureGroupView[]; readonly isComplete: boolean }> {
  await readStatus(context, actor, id)
  const rows = await listFailureGroups(context.database, actor.accountId, id as ExecutionId, maxGroups + 1)
  return { groups: rows.slice(0, maxGroups).map(view), isComplete: rows.length <= maxGroups }
}

function view({ failureKey, reasonCode, exitCode, lines, count, samples }: FailureGroupRow): FailureGroupView {
  const failure = { reasonCode, exitCode: exitCode ?? undefined, lines: lines ?? [] }
  const key = failureKey || (exitCode === null ? reasonCode : `${reasonCode}:${exitCode}`)
  return { key, ...failure, count, samples, hint: findFailureHint(failure) }
}

/** Parses the key of a group. @throws RequestInvalid */
export function parseFailureKey(key: string): CountedFailures {
  if (/^[0-9a-f]{16}$/.test(key)) return { failureKey: key }
  const match = /^([A-Za-z]{1,64})(?::(-?\d{1,9}))?$/.exec(key)
  if (!match) throw chandlerError('RequestInvalid', { reason: `"${key}" is not the key of a group of failures` })
  const [, reasonCode = '', exitCode] = match
  if (!(taskReasonCodes as readonly string[]).includes(reasonCode))
    throw chandlerError('RequestInvalid', { reason: `"${key}" is not the key of a group of failures` })
  return { reasonCode, exitCode: exitCode === undefined ? null : Number(exitCode) }
}
