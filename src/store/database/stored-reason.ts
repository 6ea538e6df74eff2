import { type RawBuilder, sql } from 'kysely'
import type { Reason, ReasonArguments, ReasonMessageCode } from '../../core/reason/reason.ts'

/** As a value: text, because the driver would write a list as an array of PostgreSQL. */
export const reasonValue = (reason: Reason) => sql<Reason>`${JSON.stringify(reason)}::jsonb`

/** For `unnest(…::jsonb[])`. */
export const reasonValues = (reasons: readonly Reason[]) =>
  sql`${reasons.map((reason) => JSON.stringify(reason))}::jsonb[]`

/** The reason of a row in an expression: `readReason` in SQL. */
export const reasonOfRow = (table: string) => sql`coalesce(${sql.ref(`${table}.reason_messages`)}, case
  when ${sql.ref(`${table}.reason`)} = '' then '[]'::jsonb
  else ${buildReason('Text', { text: sql.ref(`${table}.reason`) })}
end)`

/** A reason of one message whose arguments are expressions. */
export const buildReason = <Code extends ReasonMessageCode>(
  code: Code,
  values: { readonly [Name in keyof ReasonArguments[Code]]: RawBuilder<unknown> },
) => {
  const named = Object.entries<RawBuilder<unknown>>(values).flatMap(([name, value]) => [sql.lit(name), value])
  return sql<Reason>`jsonb_build_array(
    jsonb_build_object('code', ${sql.lit(code)}, 'arguments', jsonb_build_object(${sql.join(named)}))
  )`
}
