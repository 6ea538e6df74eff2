import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'

/**
 * Codec of one value in the query string. Invalid text yields the default: addresses may be edited.
 */
export interface UrlParameter<Value> {
  readonly initial: Value
  parse(text: string): Value | undefined
  /** Undefined: omitted. */
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

/** List of items without commas: statuses, IDs. */
export const listParameter = (initial: readonly string[] = []): UrlParameter<readonly string[]> => ({
  initial,
  parse: (text) => text.split(',').filter((part) => part !== ''),
  render: (value) => (value.length === 0 ? undefined : value.join(',')),
})

/** Any other value, for example filter tokens; `check` validates its form. */
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

/** Pure part of `useUrlState`. */
export function readUrlState<Schema extends UrlSchema>(schema: Schema, search: string): UrlState<Schema> {
  const parameters = new URLSearchParams(search)
  const entries = Object.entries(schema).map(([name, { initial, parse }]) => {
    const text = parameters.get(name)
    return [name, text === null ? initial : (parse(text) ?? initial)]
  })
  return Object.fromEntries(entries) as UrlState<Schema>
}

/** The query string with changed values; unknown parameters stay. */
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
 * State in the address, shareable and kept on reload: filters, page, selection, open tab. The
 * schema is a constant outside the component. Changes replace the history entry; `push` adds one
 * that Back returns from.
 */
export function useUrlState<Schema extends UrlSchema>(
  schema: Schema,
): [UrlState<Schema>, (change: Partial<UrlState<Schema>>, options?: { push?: boolean }) => void] {
  const search = useSearch()
  const [, navigate] = useLocation()
  const state = useMemo(() => readUrlState(schema, search), [schema, search])
  const change = useCallback(
    (values: Partial<UrlState<Schema>>, { push = false } = {}) => {
      // Reads the current address instead of the rendered one: two changes may occur in one event.
      const next = writeUrlState(schema, location.search, values)
      navigate(`${location.pathname}${next === '' ? '' : `?${next}`}`, { replace: !push })
    },
    [schema, navigate],
  )
  return [state, change]
}
