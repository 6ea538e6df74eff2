import {
  listResourceTagKeys as listKeyRows,
  listResourceTagRows as listResourceRows,
  listResourceTagValues as listValueRows,
  type TaggedKind,
} from '../../../store/access/tagged-resources.ts'
import type { Actor, AppContext } from '../context.ts'

export { type TaggedKind, taggedKinds } from '../../../store/access/tagged-resources.ts'

type Context = Pick<AppContext, 'database'>
type Page = Parameters<typeof listKeyRows>[3]

/** See the store: tags of resources, one per row. */
export const listResourceTags = (
  { database }: Context,
  actor: Actor,
  kind: TaggedKind,
  request: Parameters<typeof listResourceRows>[3],
) => listResourceRows(database, actor.accountId, kind, request)

export const listTagKeys = ({ database }: Context, actor: Actor, kinds: readonly TaggedKind[], page: Page) =>
  listKeyRows(database, actor.accountId, kinds, page)

export const listTagValues = (
  { database }: Context,
  actor: Actor,
  kinds: readonly TaggedKind[],
  key: string | undefined,
  page: Page,
) => listValueRows(database, actor.accountId, kinds, key, page)
