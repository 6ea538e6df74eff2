import { showVersion } from '../../../core/extension/extension.ts'
import type { NotificationEvent } from '../../../core/notification/event.ts'
import { renderEnglishReason } from '../../../core/reason/english-reasons.ts'

/** The body of the format `json`; docs/notifications.md describes it. */
export function renderEvent({ id, type, at, data }: NotificationEvent, url: string | undefined): object {
  return {
    id,
    type,
    at: new Date(at).toISOString(),
    ...(url === undefined ? {} : { url }),
    ...renderData(data),
  }
}

function renderData(data: NotificationEvent['data']): object {
  switch (data.kind) {
    case 'execution': {
      const { reason, ...facts } = data.execution
      return { execution: { ...facts, reason: renderEnglishReason(reason) } }
    }
    case 'instances': {
      const { count, first } = data.instances
      const items = first.map(({ id, name, lastSeenAt }) => ({
        id,
        name,
        lastSeenAt: new Date(lastSeenAt).toISOString(),
      }))
      return { count, instances: items }
    }
    case 'drift': {
      const { count, first } = data.drift
      const items = first.map(({ version, since, ...one }) => ({
        ...one,
        version: showVersion(version),
        since: new Date(since).toISOString(),
      }))
      return { count, drifted: items }
    }
    case 'assignment': {
      const { reason, ...facts } = data.assignment
      return { assignment: { ...facts, reason: renderEnglishReason(reason) } }
    }
    case 'test':
      return { webhook: data.webhook }
  }
}
