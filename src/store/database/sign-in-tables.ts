import type { Generated } from 'kysely'

/** The second factor of passwords. */
export interface SignInTables {
  second_factors: {
    account_id: string
    user_name: string
    id: string
    secret_sealed: Buffer
    created_at: Date
    confirmed_at: Date | null
    last_step: Generated<number>
  }
  recovery_codes: { account_id: string; user_name: string; code_hash: Buffer }
}
