import { type RawBuilder, sql } from 'kysely'
import { makeTextReason, type Reason, type ReasonArguments, type ReasonMessageCode } from '../../core/reason/reason.ts'

/** The column `reason`: the English text of a row of an earlier release, else empty. Opaque: `readReason` reads it. */
export interface EarlierReasonText {
  readonly earlierReasonText: true
}

/** The columns of a reason, of any table that has them. */
export interface ReasonColumns {
  readonly reason: EarlierReasonText | null
  readonly reason_messages: Reason | null
}

/** The reason of a row. A row of an earlier release has a text only, which is shown as it is. */
export const readReason = ({ reason, reason_messages: messages }: ReasonColumns): Reason =>
  messages ?? makeTextReason((reason as string | null) ?? '')

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
