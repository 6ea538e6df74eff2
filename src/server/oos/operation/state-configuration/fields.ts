import { z } from 'zod'
import { assignmentNamePattern } from '../../../../core/assignment/assignment.ts'
import { jsonText, oneOf, text } from '../../rpc/fields.ts'

/** The id of a state configuration is the name of the assignment. */
export const stateConfigurationId = () => text(64).regex(assignmentNamePattern, 'must be an id such as sc-1f2e3d4c5b6a')

/** Whether drift is repaired or only reported. An assignment is never applied only once. */
export const configureMode = () => oneOf('ApplyAndAutoCorrect', 'ApplyAndMonitor')

export const scheduleType = () => oneOf('rate')

/** OOS requires an interval; here, changes are applied when they occur. */
export const scheduleExpression = () =>
  text(64).regex(/^\d{1,6} ?(minutes?|hours?|days?)$/i, 'must be an interval such as 1 hour')

export const targets = () =>
  jsonText(
    z.strictObject({
      ResourceType: z.literal('ALIYUN::ECS::Instance').optional(),
      Filters: z.array(z.record(z.string(), z.unknown())).length(1, 'one filter is supported'),
    }),
  )

export const parameters = () => jsonText(z.record(z.string(), z.unknown()).nullable())
