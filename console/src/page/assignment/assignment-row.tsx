import Box from '@cloudscape-design/components/box'
import type { AssignmentView } from '../../../../src/protocol/api/assignment/assignments.ts'
import { useTexts } from '../../i18n/language.tsx'

/** `demo stable (v7)`, or that it must be absent. */
export function DesiredState({ assignment }: { readonly assignment: AssignmentView }) {
  const { assignments } = useTexts()
  const { extension, version, resolvedVersion = '' } = assignment
  return version === undefined
    ? assignments.absent(extension)
    : assignments.desired(extension, version, resolvedVersion === version ? '' : resolvedVersion)
}

/** What is not as desired, why nothing happens, and what contradicts it. */
export function AssignmentDifference({ assignment }: { readonly assignment: AssignmentView }) {
  const { assignments: texts, executions } = useTexts()
  const { outcome, halt, failure, contradictions, name } = assignment
  const counts = outcome
    ? ([
        [outcome.different, texts.different],
        [outcome.failed, texts.failed],
        [outcome.offline, texts.offline],
        [outcome.overridden, texts.overridden],
        [outcome.drifted, assignment.repair ? texts.driftedRepair : texts.drifted],
        [Object.values(outcome.leftOut).reduce((sum, count) => sum + count, 0), texts.leftOut],
      ] as const)
    : []
  const differences = counts.flatMap(([count, show]) => (count > 0 ? [show(count)] : []))
  return (
    <div>
      {outcome && <div>{differences.length > 0 ? differences.join(' · ') : texts.none}</div>}
      {halt && <Box color="text-status-warning">{executions.explainReason(halt)}</Box>}
      {failure && <Box color="text-status-error">{failure.message}</Box>}
      {contradictions.map(({ assignment: other, instances, isStronger }) => (
        <Box key={other} color="text-status-warning">
          {texts.contradicts(other, instances, isStronger ? other : name)}
        </Box>
      ))}
    </div>
  )
}
