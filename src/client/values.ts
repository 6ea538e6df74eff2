import {
  declaredValuesListSchema,
  subjectValuesSchema,
  type ValuesPatch,
  type ValuesReplacement,
} from '../protocol/api/assignment/values.ts'
import { pathOf, type Transport } from './transport.ts'

/** Parameter values that are declared for groups, tags and instances. */
export const createValuesClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/values', declaredValuesListSchema),
  /** Replaces all values of the subject. */
  put: (extension: string, body: ValuesReplacement) =>
    transport.request('PUT', pathOf`/extensions/${extension}/values`, subjectValuesSchema, { body }),
  /** Changes the named values of the subject; null removes one. */
  patch: (extension: string, body: ValuesPatch) =>
    transport.request('PATCH', pathOf`/extensions/${extension}/values`, subjectValuesSchema, { body }),
})
