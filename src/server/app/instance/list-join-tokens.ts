import { type JoinToken, listJoinTokenRows as listTokens } from '../../../store/instance/join-tokens.ts'
import type { Actor, AppContext } from '../context.ts'

export type JoinTokenRecord = JoinToken

/** Unrevoked tokens, oldest first; without their text, which is not stored. */
export const listJoinTokens = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  page: { after?: { createdAt: Date; id: string } | undefined; limit: number },
): Promise<JoinTokenRecord[]> => listTokens(database, actor.accountId, page)
