import type { TestDatabase } from '../database/postgres.ts'

/**
 * Every row of every table, as text: a refused request must leave no trace, except in the audit
 * log.
 */
export async function listRows({ pool }: TestDatabase): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by tablename`,
  )
  const found: Record<string, readonly string[]> = {}
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select t::text as row from ${name} t
       ${name === 'audit_log' ? "where action not in ('RequestRefused', 'AuthenticationFailed', 'SignInFailed', 'EnrolmentRefused')" : ''} order by 1`)
    found[name] = rows.map(({ row }) => row)
  }
  return found
}
