import { chandlerError } from '../../../core/error/errors.ts'
import { instanceStatuses } from '../../../core/instance/instance.ts'
import {
  type FilterTextProperty,
  filterExtensionProperties,
  filterTextProperties,
} from '../../../core/instance/instance-filter.ts'
import { countFilteredInstances } from '../../../store/instance/instance-lists.ts'
import {
  isSampleComplete,
  listExtensionValues,
  listInstanceTagKeys,
  listInstanceTagValues,
  listPropertyValues,
  type ValueCount,
} from '../../../store/instance/instance-values.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'

export interface InstanceValues {
  readonly values: readonly ValueCount[]
  /** Whether the list contains all matching values. */
  readonly isComplete: boolean
}

/** More than a user scrolls through; filtering by text finds the others. */
const maxValues = 100
const maxCounted = 1_000_000

/** The possible values of a filter condition, or with `tag` the tag keys. @throws RequestInvalid */
export async function listInstanceValues(
  context: Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  { property, text = '' }: { readonly property: string; readonly text?: string | undefined },
): Promise<InstanceValues> {
  const { database } = context
  const permitted = findPermitted(context, actor, 'ecs:DescribeInstances', 'instance')
  const readers = { accountId: actor.accountId, permitted }
  const asked = { ...readers, text, limit: maxValues + 1 }
  if (isTextProperty(property)) return cut(await listPropertyValues(database, property, asked))
  if (property === 'status')
    return cut(
      await Promise.all(
        instanceStatuses.map(async (status) => ({
          value: status,
          count: await countFilteredInstances(database, { ...readers, status }, maxCounted),
        })),
      ),
    )
  const extensionProperty = filterExtensionProperties.find((one) => one === property)
  if (extensionProperty) return cut(await listExtensionValues(database, extensionProperty, asked))
  const values =
    property === 'tag'
      ? await listInstanceTagKeys(database, asked)
      : property.startsWith('tag:')
        ? await listInstanceTagValues(database, property.slice('tag:'.length), asked)
        : undefined
  if (!values) throw chandlerError('RequestInvalid', { reason: `the property "${property}" has no values` })
  const { isComplete, ...found } = cut(values)
  return { ...found, isComplete: isComplete && (await isSampleComplete(database, readers)) }
}

const isTextProperty = (text: string): text is FilterTextProperty =>
  (filterTextProperties as readonly string[]).includes(text)

const cut = (values: readonly ValueCount[]): InstanceValues => ({
  values: values.slice(0, maxValues),
  isComplete: values.length <= maxValues,
})
