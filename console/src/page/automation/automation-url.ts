import { choiceParameter, textParameter } from '../../url/use-url-state.ts'

export const automationTabs = ['approvals', 'schedules', 'webhooks'] as const
export type AutomationTab = (typeof automationTabs)[number]

/** State of the automation page in its address. */
export const automationUrl = {
  tab: choiceParameter(automationTabs, 'approvals'),
  selected: textParameter(),
}
