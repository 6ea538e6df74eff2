import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Link from '@cloudscape-design/components/link'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { When } from '../../app/when.tsx'
import { useTexts } from '../../i18n/language.tsx'

/** Summary of an instance: name, ID, tags and group. */
export function InstanceSummary({ instance }: { readonly instance: InstanceView }) {
  const { data, instances } = useTexts()
  const { column } = instances
  const { id, tags, resourceGroup, role, enrolledAt, facts, ready, boot } = instance
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          {
            label: column.id,
            value: (
              <CopyToClipboard
                variant="inline"
                textToCopy={id}
                copyButtonAriaLabel={`${data.copy}: ${column.id}`}
                copySuccessText={data.copied}
                copyErrorText={data.copyFailed}
              />
            ),
          },
          { label: column.os, value: [facts.os.name, facts.os.arch].join(' · ') },
          { label: column.addresses, value: facts.addresses[0] ?? data.none },
          { label: column.tags, value: <Tags tags={tags} /> },
          { label: column.group, value: resourceGroup || data.none },
          {
            label: column.role,
            value: <Link href={`/access?tab=roles&find=${encodeURIComponent(role)}`}>{role}</Link>,
          },
          { label: column.enrolled, value: <When at={enrolledAt} /> },
          ...(boot ? [{ label: column.boot, value: <Boot ready={ready} boot={boot} /> }] : []),
        ]}
      />
    </Container>
  )
}

/** Whether the extensions of the join token are installed, and which assignments do not hold yet. */
function Boot({ ready, boot }: { readonly ready: boolean; readonly boot: NonNullable<InstanceView['boot']> }) {
  const { boot: texts } = useTexts().instances
  const { executionId, failure, assignments = [] } = boot
  return (
    <>
      <StatusIndicator type={ready ? 'success' : failure ? 'error' : 'pending'}>
        {ready ? texts.ready : failure ? texts.failed : texts.notReady}
      </StatusIndicator>
      {failure && <Box variant="small">{failure.message}</Box>}
      {assignments.length > 0 && <Box variant="small">{texts.awaits(assignments.join(', '))}</Box>}
      {executionId !== undefined && (
        <Box>
          <Link href={`/executions/${executionId}`}>{texts.execution}</Link>
        </Box>
      )}
    </>
  )
}

function Tags({ tags }: { readonly tags: InstanceView['tags'] }) {
  const { data } = useTexts()
  const written = Object.entries(tags).map(([name, value]) => `${name}=${value}`)
  if (written.length === 0) return data.none
  return (
    <>
      {written.map((tag) => (
        <Box key={tag} variant="code" display="block">
          {tag}
        </Box>
      ))}
    </>
  )
}
