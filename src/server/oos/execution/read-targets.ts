import { z } from 'zod'
import { chandlerError } from '../../../core/error/errors.ts'
import { maxTargetsPerExecution } from '../../../core/limits.ts'
import type { Targets } from '../../../core/plan/targets.ts'

const tag = z.strictObject({ Key: z.string().min(1), Value: z.string().default('') })

/**
 * Keys without effect here: one server has one region, and an execution waits for offline instances
 * anyway.
 */
const ignored = {
  RegionId: z.string().optional(),
  Parameters: z.unknown().optional(),
  ResourceType: z.string().optional(),
}

/** Reference §5.1; the types ResourceGroup and All are not in it but follow the same pattern. */
const targetsSchema = z.discriminatedUnion('Type', [
  z.strictObject({
    ...ignored,
    Type: z.literal('ResourceIds'),
    ResourceIds: z.array(z.string().min(1).max(128)).max(maxTargetsPerExecution),
  }),
  z.strictObject({ ...ignored, Type: z.literal('Tags'), Tags: z.array(tag).min(1) }),
  z.strictObject({ ...ignored, Type: z.literal('ResourceGroup'), ResourceGroupId: z.string().min(1) }),
  z.strictObject({ ...ignored, Type: z.literal('All') }),
])

/**
 * Parses the targets of a template. `ids` are those of the client: an instance's own id, or its
 * cloud's.
 * @param name of the parameter, for messages
 * @throws RequestParameterInvalid
 */
export function readTargets(given: unknown, name = 'Parameters.targets'): Exclude<Targets, { kind: 'names' }> {
  const refuse = (reason: string) =>
    chandlerError('RequestParameterInvalid', { name, reason: `is not understood: ${reason}` })
  const parsed = targetsSchema.safeParse(withType(given))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.length ? `${issue.path.join('.')}: ` : ''
    throw refuse(`${place}${issue?.message}`)
  }
  const targets = parsed.data
  switch (targets.Type) {
    case 'ResourceIds':
      if (targets.ResourceIds.length === 0) throw refuse('ResourceIds is empty: name at least one instance')
      return { kind: 'ids', ids: [...new Set(targets.ResourceIds)] }
    case 'Tags':
      return { kind: 'tags', tags: readTags(targets.Tags, refuse) }
    case 'ResourceGroup':
      return { kind: 'group', group: targets.ResourceGroupId }
    case 'All':
      return { kind: 'all' }
  }
}

/** A plain list of ids is accepted without a type, too. */
const withType = (given: unknown) =>
  typeof given === 'object' && given !== null && 'ResourceIds' in given && !('Type' in given)
    ? { ...given, Type: 'ResourceIds' }
    : given

function readTags(
  tags: readonly z.infer<typeof tag>[],
  refuse: (reason: string) => Error,
): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const { Key, Value } of tags) {
    const other = values.get(Key)
    if (other !== undefined && other !== Value) throw refuse(`no instance has ${Key} with two values at once`)
    values.set(Key, Value)
  }
  return Object.fromEntries(values)
}
