import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { useFormat, useTexts } from '../../i18n/language.tsx'
import { executionKey } from './use-execution.ts'
import { useFreshQuery } from './use-fresh-query.ts'

/** Which approvers signed the plan, which signatures are missing, and how to add one. */
export function PlanSignatures({ execution }: { readonly execution: ExecutionView }) {
  const { id, approval, status, revision } = execution
  const texts = useTexts().executions.planSignatures
  const format = useFormat()
  const { data, error, refresh } = useFreshQuery(
    approval ? `${executionKey(id)}/plan-signatures` : undefined,
    revision,
    (client) => client.executions.getPlanSignatures(id),
  )
  if (!approval) return null
  if (error) return <ProblemAlert error={error} onRetry={refresh} />
  if (!data) return null
  const isWaiting = status === 'Waiting' && data.signed < data.threshold
  const signers = data.signatures.map(({ keyFingerprint, approver, createdBy, createdAt }) => (
    <div key={keyFingerprint}>
      {approver !== undefined && `${approver} `}
      <Box variant="code">{keyFingerprint}</Box> · {texts.addedBy(createdBy, format.instant(createdAt))}
    </div>
  ))
  return (
    <Container header={<Header variant="h2">{texts.title}</Header>}>
      <SpaceBetween size="s">
        <KeyValuePairs
          columns={2}
          items={[
            { label: texts.count, value: texts.signedOf(data.signed, data.threshold) },
            { label: texts.validUntil, value: format.instant(data.expiresAt) },
            { label: texts.signers, value: signers.length > 0 ? <div>{signers}</div> : texts.none },
            ...(isWaiting && data.missing ? [{ label: texts.missing, value: data.missing.join(', ') }] : []),
          ]}
        />
        {isWaiting && (
          <Box>
            {texts.howTo} <Box variant="code">{`chandler execution approve ${id} --sign KEY`}</Box>
          </Box>
        )}
      </SpaceBetween>
    </Container>
  )
}
