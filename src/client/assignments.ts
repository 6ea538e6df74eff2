import { type AssignmentInput, assignmentSchema, assignmentsSchema } from '../protocol/api/assignment/assignments.ts'
import { pathOf, type Transport } from './transport.ts'

/** What the instances of groups should have. */
export const createAssignmentsClient = (transport: Transport) => ({
  list: () => transport.request('GET', '/assignments', assignmentsSchema),
  get: (name: string) => transport.request('GET', pathOf`/assignments/${name}`, assignmentSchema),
  create: (body: AssignmentInput) => transport.request('POST', '/assignments', assignmentSchema, { body }),
  /** Creates or replaces it. */
  put: ({ name, ...body }: AssignmentInput, { keepSecrets = false }: { readonly keepSecrets?: boolean } = {}) =>
    transport.request('PUT', pathOf`/assignments/${name}`, assignmentSchema, {
      body: { ...body, ...(keepSecrets && { keepSecrets }) },
    }),
  halt: (name: string) => transport.request('POST', pathOf`/assignments/${name}/halt`, assignmentSchema),
  resume: (name: string) => transport.request('POST', pathOf`/assignments/${name}/resume`, assignmentSchema),
  delete: (name: string) => transport.send('DELETE', pathOf`/assignments/${name}`),
})
