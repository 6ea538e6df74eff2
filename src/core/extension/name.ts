import { maxExtensionNameLength } from '../limits.ts'

/**
 * Prefixes reserved for extensions of the cloud vendor (design §4, from the seed document). Any
 * case.
 */
const reservedNamePrefixes = ['ACS', 'ALIYUN', 'ALIBABA', 'ALICLOUD'] as const

/** Why an extension name is refused, with its error code. */
export interface NameProblem {
  readonly code: 'ExtensionNameInvalid' | 'ExtensionNameReserved'
  /** To follow "the extension name". */
  readonly reason: string
}

/**
 * Why an extension name is invalid: 1 to 200 letters, digits, hyphens and underscores as in OOS,
 * and no reserved prefix.
 */
export function validateExtensionName(name: string): NameProblem | undefined {
  if (name === '') return { code: 'ExtensionNameInvalid', reason: 'is empty' }
  const foreign = /[^A-Za-z0-9_-]/u.exec(name)
  if (foreign) {
    const reason = `holds ${JSON.stringify(foreign[0])}; only letters A-Z, a-z, digits, hyphens and underscores are allowed`
    return { code: 'ExtensionNameInvalid', reason }
  }
  if (name.length > maxExtensionNameLength) {
    return { code: 'ExtensionNameInvalid', reason: `has ${name.length} letters; ${maxExtensionNameLength} are allowed` }
  }
  const prefix = reservedNamePrefixes.find((reserved) => name.toUpperCase().startsWith(reserved))
  return prefix && { code: 'ExtensionNameReserved', reason: `"${name}" begins with ${prefix}, which is reserved` }
}
