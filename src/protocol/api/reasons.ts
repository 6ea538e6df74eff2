import { z } from 'zod'

/**
 * What `reason` says, as codes with arguments (core/reason/reason.ts), for a client that shows it in another language than English. A client
 * that does not know one of the codes shows `reason`.
 */
export const reasonMessagesSchema = z
  .array(z.object({ code: z.string(), arguments: z.record(z.string(), z.unknown()) }))
  .meta({
    id: 'ReasonMessages',
    description: 'What `reason` says, as codes with arguments, for clients that show it in another language.',
  })

export const reasonShape = { reason: z.string(), reasonMessages: reasonMessagesSchema.optional() }
