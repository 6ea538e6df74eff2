import type { AccountId } from '../../../core/id.ts'
import type { AppContext } from '../context.ts'
import { defaultAccountId } from './bootstrap.ts'

/** The id that policies, scripts and clients know an account by: the operator may call the first one as it was called elsewhere. */
export const showAccount = ({ accountName }: Pick<AppContext, 'accountName'>, accountId: AccountId): string =>
  accountId === defaultAccountId ? (accountName ?? accountId) : accountId
