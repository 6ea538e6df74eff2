import { showVersion } from '../extension/extension.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import type { DriftFacts, ExecutionFacts, NotificationEvent, OfflineFacts } from './event.ts'

/** An event as text for people: plain text without markup. */
export interface EventText {
  readonly title: string
  readonly lines: readonly string[]
  readonly severity: 'info' | 'success' | 'problem'
}

/** Describes an event in English. */
export function describeEvent({ type, data }: NotificationEvent): EventText {
  switch (data.kind) {
    case 'test':
      return {
        title: `Test of webhook ${data.webhook}`,
        lines: ['Notifications reach this receiver.'],
        severity: 'info',
      }
    case 'instances':
      return describeOffline(data.instances)
    case 'drift':
      return describeDrift(data.drift)
    case 'assignment': {
      const { name, group, extension, reason } = data.assignment
      return {
        title: `Assignment halted: ${name}`,
        lines: [`${extension} on group ${group}`, renderEnglishReason(reason)],
        severity: 'problem',
      }
    }
    case 'execution': {
      const { execution } = data
      const [title, severity] = titleOf(type, execution)
      return { title: `${title}: ${execution.operation}`, lines: describeExecution(type, execution), severity }
    }
  }
}

function titleOf(type: NotificationEvent['type'], { status }: ExecutionFacts): [string, EventText['severity']] {
  switch (type) {
    case 'execution.started':
      return ['Started', 'info']
    case 'execution.approvalRequired':
      return ['Approval required', 'info']
    case 'execution.gateFailed':
      return ['Gate failed', 'problem']
    case 'execution.budgetSpent':
      return ['Error budget spent', 'problem']
    case 'execution.finished':
    case 'instance.offline':
    case 'assignment.halted':
    case 'drift':
    case 'webhook.test':
      return [status, status === 'Success' ? 'success' : 'problem']
  }
}

function describeExecution(type: NotificationEvent['type'], execution: ExecutionFacts): string[] {
  const { id, description, startedBy, taskCount, counts, reason, batch, gate } = execution
  const instances = `${taskCount} ${taskCount === 1 ? 'instance' : 'instances'}`
  const states = Object.entries(counts).flatMap(([status, count]) => (count > 0 ? [`${count} ${status}`] : []))
  return [
    `${id}, started by ${startedBy}, ${instances}${states.length > 0 ? `: ${states.join(', ')}` : ''}`,
    ...(description === '' ? [] : [description]),
    ...(gate === undefined ? [] : [`Gate after batch ${batch ?? 0}: ${gate}`]),
    ...(type === 'execution.started' || type === 'execution.approvalRequired' ? [] : [renderEnglishReason(reason)]),
  ]
}

function describeOffline({ count, first }: OfflineFacts): EventText {
  const names = first.map(({ name }) => name).join(', ')
  const more = count > first.length ? `, and ${count - first.length} more` : ''
  return {
    title: `${count} ${count === 1 ? 'instance' : 'instances'} offline`,
    lines: [`${names}${more}`],
    severity: 'problem',
  }
}

function describeDrift({ count, first }: DriftFacts): EventText {
  const names = first.map(({ name, extension, version }) => `${extension} ${showVersion(version)} on ${name}`)
  return {
    title: count === 1 ? '1 installed extension has drifted' : `${count} installed extensions have drifted`,
    lines: [...names, ...(count > first.length ? [`and ${count - first.length} more`] : [])],
    severity: 'problem',
  }
}

/** The path of the page in the console that shows an event; undefined for tests. */
export function findEventPath({ data }: NotificationEvent): string | undefined {
  switch (data.kind) {
    case 'execution':
      return `/executions/${data.execution.id}`
    case 'instances':
      return '/instances'
    case 'drift':
      return `/instances?filter=${encodeURIComponent('drifted=*')}`
    case 'assignment':
      return `/assignments?selected=${encodeURIComponent(data.assignment.name)}`
    case 'test':
      return undefined
  }
}
