import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { CopyableCode } from '../../../app/copyable-code.tsx'
import { ProblemAlert } from '../../../app/problem-alert.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { useTexts } from '../../../i18n/language.tsx'

/** Document and attachments of a policy. */
export function PolicyDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const { access, shell } = useTexts()
  const { data, error, refresh } = useQuery(`access/policies/${name}`, (client) => client.policies.get(name))
  const document = JSON.stringify(data?.document, undefined, 2)
  return (
    <Modal visible size="large" header={access.policies.title(name)} onDismiss={onClose}>
      <SpaceBetween size="m">
        <ProblemAlert error={error} onRetry={refresh} />
        {!data && !error && <Box>{shell.loading}</Box>}
        {data && (
          <SpaceBetween size="m">
            <Box>{data.description}</Box>
            <FormField label={access.policies.attachedTo}>
              {data.attachedTo.length === 0
                ? access.policies.attachedToNobody
                : data.attachedTo.map((holder) => access.policies.attached[holder.kind](holder.name)).join(', ')}
            </FormField>
            <FormField label={access.policies.document} stretch>
              <CopyableCode content={document} label={access.policies.document} />
            </FormField>
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Modal>
  )
}
