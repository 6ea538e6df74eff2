import type { ValueFaultCatalogue, ValueFaults } from '../extension/value-fault.ts'
import type { Reason, ReasonArguments, ReasonMessageCode } from './reason.ts'

/** One text for each code. */
export type ReasonCatalogue = {
  readonly [Code in ReasonMessageCode]: (values: ReasonArguments[Code]) => string
}

/**
 * The texts of refused values: the clauses of a language, each with the name of the parameter.
 * @param join builds the text from the name and the clause
 */
export const createFaultTexts = (
  clauses: ValueFaultCatalogue,
  join: (parameter: string, clause: string) => string,
): Pick<ReasonCatalogue, keyof ValueFaults> =>
  Object.fromEntries(
    Object.entries<(values: never) => string>(clauses).map(([code, clause]) => [
      code,
      (values: { readonly parameter: string }) => join(values.parameter, clause(values as never)),
    ]),
  ) as unknown as Pick<ReasonCatalogue, keyof ValueFaults>

/** Messages as they come from a row or from a server, perhaps of a later release with codes that are unknown here. */
export type ReceivedReason = readonly { readonly code: string; readonly arguments: object }[]

/** Whether the catalogues have a text for every message. */
export const isKnownReason = (catalogue: ReasonCatalogue, reason: ReceivedReason): reason is Reason =>
  reason.every(({ code }) => Object.hasOwn(catalogue, code))

/** A reason as text of the catalogue's language; a message of a later release is its code. */
export function renderReason(catalogue: ReasonCatalogue, reason: ReceivedReason, joints = englishJoints): string {
  const texts = catalogue as Readonly<Record<string, (values: object) => string>>
  return reason
    .map(({ code, arguments: values }) => texts[code]?.(values) ?? code)
    .reduce(
      (text, next) =>
        text === '' ? next : `${text}${endsSentence.test(text) ? joints.sentence : joints.clause}${next}`,
      '',
    )
}

/** What stands between two messages: after a whole sentence, and after less than that. */
export interface ReasonJoints {
  readonly sentence: string
  readonly clause: string
}

const englishJoints: ReasonJoints = { sentence: ' ', clause: '; ' }

const endsSentence = /[.:!?…。：！？]$/

/** The messages whose text has a part, in any case and whatever their arguments are: for finding rows by what a reader sees. */
export function findReasonCodes(catalogue: ReasonCatalogue, part: string): ReasonMessageCode[] {
  const wanted = part.toLowerCase()
  const texts = Object.entries(catalogue) as [ReasonMessageCode, (values: unknown) => unknown][]
  return texts.flatMap(([code, text]) => (String(text(anyArguments)).toLowerCase().includes(wanted) ? [code] : []))
}

/** Every argument is a list without entries that reads as a character which no search text has. */
const anyArguments: unknown = new Proxy({}, { get: () => Object.assign([], { toString: () => '\0' }) })
