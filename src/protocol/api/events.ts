import { z } from 'zod'

/** Event `changed` of GET /events: the lists to reload. */
export const listChangeSchema = z
  .object({
    /** Ids of changed executions, at most a hundred. */
    executions: z.array(z.string()),
    /** Other executions changed, too, or the server does not know which. */
    moreExecutions: z.boolean(),
    /**
     * Instances were added, removed, changed, connected or disconnected. Installed versions change
     * with executions.
     */
    instances: z.boolean(),
    extensions: z.boolean(),
  })
  .meta({ id: 'ListChange' })
export type ListChange = z.infer<typeof listChangeSchema>
