import Box from '@cloudscape-design/components/box'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { InstanceView } from '../../../../src/protocol/api/instances.ts'
import { useFormat, useTexts } from '../../i18n/language.tsx'

/** Connection state of the agent and its effect on tasks. */
export function InstanceConnection({
  instance: { status, lastSeenAt },
}: {
  readonly instance: Pick<InstanceView, 'status' | 'lastSeenAt'>
}) {
  const { detail } = useTexts().instances
  const format = useFormat()
  const isOnline = status === 'online'
  const at = lastSeenAt && format.instant(lastSeenAt)
  // While connected, "last seen" is the time of connecting.
  const text = isOnline
    ? at === undefined
      ? detail.online
      : detail.onlineSince(at)
    : at === undefined
      ? detail.offlineNever
      : detail.offlineSince(at)
  return (
    <div role="status">
      <StatusIndicator type={isOnline ? 'success' : 'stopped'}>{text}</StatusIndicator>
      <Box variant="small" display="block">
        {isOnline ? detail.onlineDetail : detail.offlineDetail}
      </Box>
    </div>
  )
}
