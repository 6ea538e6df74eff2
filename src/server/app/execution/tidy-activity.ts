import { activityKeptDays } from '../../../core/limits.ts'
import { foldActivity } from '../../../store/task/task-activity.ts'
import type { AppContext } from '../context.ts'

/** Sums up what sessions have counted each for itself, and forgets what is older than charts go back. */
export const tidyActivity = ({ database }: Pick<AppContext, 'database'>): Promise<void> =>
  foldActivity(database, activityKeptDays)
