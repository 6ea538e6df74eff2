import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'

/** How one value stands in the query string. What cannot be read is the default: an address may have been cut or typed. */
export interface UrlParameter<Value> {
  readonly initial: Value
  parse(text: string): Value | undefined
  /** Undefined: it is left out. */
  render(value: Value): string | undefined
}

export type UrlSchema = Readonly<Record<string, UrlParameter<unknown>>>
export type UrlState<Schema> = {
  readonly [Name in keyof Schema]: Schema[Name] extends UrlParameter<infer Value> ? Value : never
}

export const textParameter = (initial = ''): UrlParameter<string> => ({
  initial,
  parse: (text) => text,
  render: (value) => (value === initial ? undefined : value),
})

export const numberParameter = (initial: number): UrlParameter<number> => ({
  initial,
  parse: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
  render: (value) => (value === initial ? undefined : String(value)),
})

export const choiceParameter = <Choice extends string>(
  choices: readonly Choice[],
  initial: NoInfer<Choice>,
): UrlParameter<Choice> => ({
  initial,
  parse: (text) => choices.find((choice) => choice === text),
  render: (value) => (value === initial ? undefined : value),
})

/** A list without commas in its members: statuses, ids. */
export const listParameter = (initial: readonly string[] = []): UrlParameter<readonly string[]> => ({
  initial,
  parse: (text) => text.split(',').filter((part) => part !== ''),
  render: (value) => (value.length === 0 ? undefined : value.join(',')),
})

/** Anything else, such as the tokens of a property filter; `check` is where its form is looked at. */
export const jsonParameter = <Value>(
  initial: Value,
  check: (value: unknown) => Value | undefined,
): UrlParameter<Value> => ({
  initial,
  parse(text) {
    try {
      return check(JSON.parse(text))
    } catch {
      return undefined // not JSON: the address was cut or typed
    }
  },
  render(value) {
    const text = JSON.stringify(value)
    return text === JSON.stringify(initial) ? undefined : text
  },
})

/** Pure half of `useUrlState`. */
export function readUrlState<Schema extends UrlSchema>(schema: Schema, search: string): UrlState<Schema> {
  const parameters = new URLSearchParams(search)
  const entries = Object.entries(schema).map(([name, { initial, parse }]) => {
    const text = parameters.get(name)
    return [name, text === null ? initial : (parse(text) ?? initial)]
  })
  return Object.fromEntries(entries) as UrlState<Schema>
}

/** The query string with some values changed; what the schema does not know stays. */
export function writeUrlState<Schema extends UrlSchema>(
  schema: Schema,
  search: string,
  change: Partial<UrlState<Schema>>,
): string {
  const parameters = new URLSearchParams(search)
  for (const [name, value] of Object.entries(change)) {
    const text = schema[name]?.render(value)
    if (text === undefined) parameters.delete(name)
    else parameters.set(name, text)
  }
  return parameters.toString()
}

/**
 * State that stands in the address, so that it can be sent to somebody and survives a reload: filters, page, selection, the open tab. The schema
 * is a constant outside of the component. Changes replace the entry of the history; `push` makes one that Back returns from.
 */
export function useUrlState<Schema extends UrlSchema>(
  schema: Schema,
): [UrlState<Schema>, (change: Partial<UrlState<Schema>>, options?: { push?: boolean }) => void] {
  const search = useSearch()
  const [, navigate] = useLocation()
  const state = useMemo(() => readUrlState(schema, search), [schema, search])
  const change = useCallback(
    (values: Partial<UrlState<Schema>>, { push = false } = {}) => {
      // What the address is now, not when this was drawn: two changes may come in one moment.
      const next = writeUrlState(schema, location.search, values)
      navigate(`${location.pathname}${next === '' ? '' : `?${next}`}`, { replace: !push })
    },
    [schema, navigate],
  )
  return [state, change]
}
