import { z } from 'zod'

/** Event `changed` of GET /events: what to ask for again. */
export const listChangeSchema = z
  .object({
    /** Ids of executions that changed, at most a hundred. */
    executions: z.array(z.string()),
    /** Other executions changed, too, or it is not known which. */
    moreExecutions: z.boolean(),
    /** Instances came, went, connected, or were changed. What is installed on them changes with executions. */
    instances: z.boolean(),
    extensions: z.boolean(),
  })
  .meta({ id: 'ListChange' })
export type ListChange = z.infer<typeof listChangeSchema>
