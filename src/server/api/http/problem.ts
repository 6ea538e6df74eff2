import { z } from 'zod'
import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { maxProblems } from '../../../core/limits.ts'
import { clipForeignText } from '../../../lib/redact.ts'
import { type Problem, problemReasonsShape } from '../../../protocol/api/problem.ts'
import { explainFault } from '../../app/execution/explain-fault.ts'

/**
 * Converts any error to a catalogue error. An error that the sender did not cause becomes
 * `Internal` without details.
 */
export function explainError(
  error: unknown,
  request: { readonly id: string; readonly contentType: string; readonly maxBodyBytes: number },
): ChandlerError {
  const { code, validation, validationContext, statusCode, message } = error as FastifyLike
  if (error instanceof ChandlerError) return error
  if (validation) return explainValidation(validation, validationContext ?? 'body')
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return chandlerError('BodyTooLarge', { maxBytes: request.maxBodyBytes })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return chandlerError('MediaTypeUnsupported', { contentType: request.contentType })
  }
  const internal = chandlerError('Internal', { requestId: request.id }, undefined, { cause: error })
  if (typeof code === 'string' && code.startsWith('FST_') && statusCode !== undefined && statusCode < 500) {
    return chandlerError('RequestInvalid', { reason: message ?? code }, undefined, { cause: error })
  }
  return explainFault(error) ?? internal
}

interface FastifyLike {
  readonly code?: unknown
  readonly statusCode?: number
  readonly message?: string
  readonly validation?: readonly {
    readonly instancePath: string
    readonly message?: string
    /** Of zod's issues: the unknown fields of an object; the issues of each member of a union. */
    readonly params?: {
      readonly keys?: readonly string[]
      readonly errors?: readonly (readonly { readonly message: string }[])[]
    }
  }[]
  readonly validationContext?: string
}

/**
 * Describes every validation error with its path, such as `configurations.0.arch`; a path outside
 * the body begins with the part of the request. Only the first errors are included, because the
 * sender determines how many a body has.
 */
function explainValidation(validation: NonNullable<FastifyLike['validation']>, context: string): ChandlerError {
  const where = context === 'querystring' ? ['query'] : context === 'body' ? [] : [context]
  const problems: { path: string; message: string }[] = []
  let count = 0
  const add = (path: readonly string[], message: string) => {
    count++
    if (problems.length < maxProblems)
      problems.push({ path: clipForeignText(path.join('.')), message: clipForeignText(message) })
  }
  for (const { instancePath, message = 'is not valid', params = {} } of validation) {
    const path = [...where, ...clipForeignText(instancePath).split('/').filter(Boolean)]
    if (params.keys) for (const key of params.keys) add([...path, key], 'is not a known field')
    else add(path, params.errors ? describeUnion(params.errors, message) : message)
  }
  const [first] = problems
  const more = count > 1 ? ` (and ${count - 1} more)` : ''
  const reason = `${first?.path ? `${first.path}: ` : ''}${first?.message ?? 'it is not valid'}${more}`
  return chandlerError('RequestInvalid', { reason }, { problems })
}

/** Describes why each member of a union does not accept the value. */
function describeUnion(errors: readonly (readonly { readonly message: string }[])[], message: string): string {
  const words = new Set(errors.flat().map((issue) => issue.message))
  return words.size > 0 && words.size <= 4 ? [...words].join('; or ') : message
}

/** The problem document that is sent (RFC 9457). */
export function makeProblem(error: ChandlerError, requestId: string): Problem {
  const given = error.details?.problems
  const problems = problemsSchema.safeParse(Array.isArray(given) ? given.slice(0, maxProblems) : given)
  return {
    type: `urn:chandler:error:${error.code}`,
    title: error.code.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    status: error.status,
    code: error.code,
    detail: error.message,
    next: error.next,
    arguments: error.arguments,
    ...(problems.success ? { problems: problems.data } : {}),
    requestId,
  }
}

/** Use cases give paths as lists, the API shows them as text. */
const problemsSchema = z.array(
  z.object({
    path: z.union([z.string(), z.array(z.union([z.string(), z.number()])).transform((path) => path.join('.'))]),
    message: z.string(),
    ...problemReasonsShape,
  }),
)
