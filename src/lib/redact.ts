/**
 * Names of fields whose values are never logged. `accessKeyId` is an identifier, not a secret, and
 * stays readable.
 */
const secretName =
  /secret|passw|token|authorization|cookie|credential|private_?key|signature|^key$|master_?key|api_?key$/i
/**
 * Up to an `@`: candidates for `scheme://user:password` (connection strings in messages of
 * libraries). Every match advances.
 */
const beforeAt = /[^\s@]+/g
/**
 * Start of the password. Each step starts and ends with a letter that it does not match, so the
 * search is linear.
 */
const userInUrl = /:\/\/[^\s:/@]*:/
/**
 * Query parameters that grant access: signed URLs, tokens. Starts with a letter that it does not
 * match.
 */
const secretInQuery = /([?&](?:[\w-]*(?:token|signature|secret|password))=)[^&\s"']+/gi

const masked = '***'
const maxDepth = 6
const maxElements = 100
const maxTextLength = 16_384
const maxForeignTextLength = 512

/** Maximum length of text from a peer, applied first; a log needs no more. */
export const clipForeignText = (text: string, maxLength = maxForeignTextLength): string =>
  text.length > maxLength ? `${text.slice(0, maxLength)}… (${text.length - maxLength} more)` : text

/** Linear in the length of the text. */
export function redactText(text: string): string {
  const kept = text.slice(0, maxTextLength)
  const isCut = kept.length < text.length
  const shown = kept
    .replace(beforeAt, (part, offset: number) => {
      const end = offset + part.length
      // The `@` may be in the part that was cut off.
      return kept[end] === '@' || (isCut && end === kept.length) ? maskPassword(part) : part
    })
    .replace(secretInQuery, `$1${masked}`)
  return isCut ? `${shown}… (${text.length - kept.length} more)` : shown
}

function maskPassword(part: string): string {
  const user = userInUrl.exec(part)
  if (!user) return part
  const start = user.index + user[0].length
  return start === part.length ? part : part.slice(0, start) + masked
}

/**
 * A copy that is safe to log: secrets masked by field name, errors with code and cause, size and
 * depth limited.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? undefined : value
  if (depth >= maxDepth) return '…'
  if (value instanceof Error) return redactError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (Array.isArray(value)) return limited(value).map((element) => redact(element, depth + 1))
  const fields =
    value instanceof Map
      ? [...value.entries()]
      : value instanceof Set
        ? [...value.keys()].entries()
        : Object.entries(value)
  return Object.fromEntries(
    limited([...fields]).map(([name, field]) => [name, redactField(String(name), field, depth)]),
  )
}

function redactField(name: string, value: unknown, depth: number): unknown {
  return secretName.test(name) && value !== undefined && value !== null ? masked : redact(value, depth + 1)
}

function redactError(error: Error, depth: number): unknown {
  const { name, message, stack, cause, ...others } = error as Error & Record<string, unknown>
  return {
    error: redactText(String(name)),
    message: redactText(String(message)),
    ...('code' in others ? { code: others.code } : {}),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
    ...(typeof stack === 'string' ? { stack: redactText(stack) } : {}),
  }
}

const limited = <Element>(elements: Element[]) => elements.slice(0, maxElements)
