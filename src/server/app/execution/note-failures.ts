import { describeFailure, foldLastLines } from '../../../core/execution/failure-lines.ts'
import type { ExecutionId, InvocationId } from '../../../core/id.ts'
import { sha256Of } from '../../../lib/digest.ts'
import type { Connection } from '../../../store/database/database.ts'
import { insertFailures, type LastOutput, listLastOutput } from '../../../store/task/task-failures.ts'

interface Failure {
  readonly id: InvocationId
  readonly executionId: ExecutionId
  readonly reasonCode: string
  readonly exitCode: number | undefined
}

/** Three lines of 240 letters, plus space for details that are folded. */
const maxPieceBytes = 2_048

/**
 * Groups failures by invocation, and stores what they have in common. Reads the end of their
 * output; failures without output have no key.
 */
export async function noteFailures(
  connection: Connection,
  failures: readonly Failure[],
): Promise<ReadonlyMap<InvocationId, string>> {
  if (failures.length === 0) return new Map()
  const printed = await listLastOutput(
    connection,
    failures.map(({ id }) => id),
    maxPieceBytes,
  )
  const linesOf = new Map(printed.map((output) => [output.id, findLines(output)]))
  const noted = failures.flatMap((failure) => {
    const lines = linesOf.get(failure.id) ?? []
    if (lines.length === 0) return []
    const key = sha256Of(describeFailure({ ...failure, lines })).slice(0, 16)
    return [{ id: failure.id, executionId: failure.executionId, key, lines }]
  })
  await insertFailures(connection, noted)
  return new Map(noted.map(({ id, key }) => [id, key]))
}

/** Most programs print errors to stderr. */
function findLines({ stdout, stderr }: LastOutput): readonly string[] {
  const lines = foldLastLines(stderr.toString('utf8'))
  return lines.length > 0 ? lines : foldLastLines(stdout.toString('utf8'))
}
