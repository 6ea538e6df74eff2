import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'
import { taskFilterParameters } from './tasks/task-filter.ts'

const executionTabs = ['tasks', 'failures', 'details'] as const
const taskTabs = ['log', 'compare', 'attempts', 'parameters'] as const
export const logStreams = ['merged', 'apart', 'stdout', 'stderr'] as const
export type LogStreams = (typeof logStreams)[number]

/** State of the execution page in its address: tab, task filter, open task and its view. */
export const executionParameters = {
  ...taskFilterParameters,
  tab: choiceParameter(executionTabs, 'tasks'),
  /** The instance whose task is open. */
  task: textParameter(),
  view: choiceParameter(taskTabs, 'log'),
  streams: choiceParameter(logStreams, 'merged'),
  /** 0: all. */
  attempt: numberParameter(0),
  find: textParameter(),
  /** The instance to compare the output with. */
  with: textParameter(),
}
