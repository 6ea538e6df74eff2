import { activityKeptDays } from '../../../core/limits.ts'
import { foldActivity } from '../../../store/task/task-activity.ts'
import type { AppContext } from '../context.ts'

/** Merges the counters of sessions, and deletes those older than charts show. */
export const tidyActivity = ({ database }: Pick<AppContext, 'database'>): Promise<void> =>
  foldActivity(database, activityKeptDays)
