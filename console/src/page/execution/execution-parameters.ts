import { choiceParameter, numberParameter, textParameter } from '../../url/use-url-state.ts'
import { taskFilterParameters } from './tasks/task-filter.ts'

const executionTabs = ['tasks', 'failures', 'details'] as const
const taskTabs = ['log', 'compare', 'attempts', 'parameters'] as const
export const logStreams = ['merged', 'apart', 'stdout', 'stderr'] as const
export type LogStreams = (typeof logStreams)[number]

/** What the address of an execution says: the tab, which tasks are shown, which task is open, and how. */
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
  /** The instance that the output is compared with. */
  with: textParameter(),
}
