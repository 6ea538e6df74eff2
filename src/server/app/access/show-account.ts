import type { AccountId } from '../../../core/id.ts'
import type { AppContext } from '../context.ts'
import { defaultAccountId } from './bootstrap.ts'

/**
 * The account id that policies, scripts and clients use: the operator can give the first account
 * the id that it has elsewhere.
 */
export const showAccount = ({ accountName }: Pick<AppContext, 'accountName'>, accountId: AccountId): string =>
  accountId === defaultAccountId ? (accountName ?? accountId) : accountId
