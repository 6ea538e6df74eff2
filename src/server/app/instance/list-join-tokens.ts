import { type JoinToken, listJoinTokens as listTokens } from '../../../store/instance/join-tokens.ts'
import type { Actor, AppContext } from '../context.ts'

export type JoinTokenView = JoinToken

/** Those that are not revoked, oldest first; without their text, which nobody knows any more. */
export const listJoinTokens = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  page: { after?: { createdAt: Date; id: string } | undefined; limit: number },
): Promise<JoinTokenView[]> => listTokens(database, actor.accountId, page)
