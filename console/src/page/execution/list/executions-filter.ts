import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import type { ExecutionQuery } from '../../../../../src/client/executions.ts'
import { executionStatuses } from '../../../../../src/core/execution/execution.ts'

/** Filter of the list, as in the address. */
export interface ExecutionsFilter {
  readonly status: string
  readonly extension: string
  /** `k=v` each. */
  readonly tags: readonly string[]
}

export const filterProperties = ['status', 'extension', 'tag'] as const

/** Tokens of the property filter; free text is an extension name. */
export function toTokens({ status, extension, tags }: ExecutionsFilter): PropertyFilterProps.Token[] {
  const token = (propertyKey: string, value: string) => ({ propertyKey, operator: '=', value })
  return [
    ...(status === '' ? [] : [token('status', status)]),
    ...(extension === '' ? [] : [token('extension', extension)]),
    ...tags.map((tag) => token('tag', tag)),
  ]
}

/** The server accepts one status and one extension: the last of each applies. */
export function fromTokens(tokens: readonly PropertyFilterProps.Token[]): ExecutionsFilter {
  const valuesOf = (key: string) =>
    tokens
      .filter(({ propertyKey = 'extension' }) => propertyKey === key)
      .map(({ value }) => String(value).trim())
      .filter((value) => value !== '')
  return {
    status: valuesOf('status').at(-1) ?? '',
    extension: valuesOf('extension').at(-1) ?? '',
    // A later value of the same tag replaces the earlier one: no execution has both.
    tags: [
      ...new Map(
        valuesOf('tag')
          .filter((tag) => /^[^=,]+=[^,]*$/.test(tag))
          .map((tag) => [tag.split('=')[0], tag] as const),
      ).values(),
    ],
  }
}

/** Invalid values (from an edited address) are ignored. */
export const toExecutionQuery = ({ status, extension, tags }: ExecutionsFilter): ExecutionQuery => ({
  status: executionStatuses.find((known) => known === status),
  extension: extension === '' ? undefined : extension,
  tag: tags.length === 0 ? undefined : tags.join(','),
})
