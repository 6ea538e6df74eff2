import { z } from 'zod'
import { maxFilterLength, maxTargetsPerExecution } from '../../core/limits.ts'

const idList = z.array(z.string().min(1).max(128)).min(1).max(maxTargetsPerExecution)

/** A target selector; see core/plan/targets.ts for the text form `tag:env=prod`. */
export const targetsSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('all') }),
    z.strictObject({ kind: z.literal('ids'), ids: idList }),
    z.strictObject({ kind: z.literal('names'), names: idList }),
    z.strictObject({ kind: z.literal('tags'), tags: z.record(z.string(), z.string()) }),
    z.strictObject({ kind: z.literal('group'), group: z.string().min(1).max(64) }).describe('A resource group.'),
    z.strictObject({ kind: z.literal('savedGroup'), name: z.string().min(1).max(64) }).describe('A group.'),
    z.strictObject({ kind: z.literal('filter'), filter: z.string().min(1).max(maxFilterLength) }),
  ])
  .meta({ id: 'Targets' })
