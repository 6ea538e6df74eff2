/** Names of fields whose values never reach a log. `accessKeyId` is a name, not a secret, and stays readable. */
const secretName =
  /secret|passw|token|authorization|cookie|credential|private_?key|signature|^key$|master_?key|api_?key$/i
/** `scheme://user:password@host`: connection strings end up inside messages of other people's libraries. */
const passwordInUrl = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi
/** Query fields that carry a right: signed URLs, tokens. */
const secretInQuery = /([?&](?:[\w-]*(?:token|signature|secret|password))=)[^&\s"']+/gi

const masked = '***'
const maxDepth = 6
const maxElements = 100
const maxTextLength = 16_384

export const redactText = (text: string): string => {
  const shown =
    text.length > maxTextLength ? `${text.slice(0, maxTextLength)}… (${text.length - maxTextLength} more)` : text
  return shown.replace(passwordInUrl, `$1:${masked}@`).replace(secretInQuery, `$1${masked}`)
}

/** A plain copy that is safe to log: secrets masked by name, errors with code and cause, sizes and depth limited. */
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
