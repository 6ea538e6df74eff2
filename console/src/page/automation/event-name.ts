import type { DeliveryView } from '../../../../src/protocol/api/automation/webhooks.ts'
import type { Catalogue } from '../../i18n/catalogue.ts'

type EventNameKey = keyof Catalogue['automation']['webhooks']['eventNames']

/** The text of each event, by its name in the catalogues. */
export const eventNameKeys: Readonly<Record<DeliveryView['type'], EventNameKey>> = {
  'execution.started': 'started',
  'execution.approvalRequired': 'approvalRequired',
  'execution.gateFailed': 'gateFailed',
  'execution.budgetSpent': 'budgetSpent',
  'execution.finished': 'finished',
  'instance.offline': 'offline',
  'assignment.halted': 'assignmentHalted',
  drift: 'drift',
  'webhook.test': 'test',
}
