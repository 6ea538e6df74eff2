import {
  listResourceTagKeys as listKeyRows,
  listResourceTagRows as listResourceRows,
  listResourceTagValues as listValueRows,
  type TaggedKind,
} from '../../../store/access/tagged-resources.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'

export { type TaggedKind, taggedKinds } from '../../../store/access/tagged-resources.ts'

type Context = Pick<AppContext, 'database' | 'clock' | 'region' | 'accountName'>
type Page = Omit<Parameters<typeof listKeyRows>[3], 'permitted'>

/** See the store: tags of resources, one per row, of those that the actor may see. */
export const listResourceTags = (
  context: Context,
  actor: Actor,
  kind: TaggedKind,
  request: Omit<Parameters<typeof listResourceRows>[3], 'permitted'>,
) =>
  listResourceRows(context.database, actor.accountId, kind, {
    ...request,
    permitted: findPermitted(context, actor, 'oos:ListTagResources', 'execution'),
  })

export const listTagKeys = (context: Context, actor: Actor, kinds: readonly TaggedKind[], page: Page) =>
  listKeyRows(context.database, actor.accountId, kinds, {
    ...page,
    permitted: findPermitted(context, actor, 'oos:ListTagKeys', 'execution'),
  })

export const listTagValues = (
  context: Context,
  actor: Actor,
  kinds: readonly TaggedKind[],
  key: string | undefined,
  page: Page,
) =>
  listValueRows(context.database, actor.accountId, kinds, key, {
    ...page,
    permitted: findPermitted(context, actor, 'oos:ListTagValues', 'execution'),
  })
