import type { ParameterValues } from './extension.ts'

/** 1 to 64 letters, digits, dots, hyphens and underscores. */
export const secretNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const prefix = 'secret:'

/**
 * The name in a value `secret:NAME`, which a secret parameter may have instead of the secret itself.
 * The reference is an ordinary value: it may be shown, compared and signed. Only the instance gets
 * the secret, when its work is handed out.
 */
export function findSecretName(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(prefix)) return undefined
  const name = value.slice(prefix.length)
  return secretNamePattern.test(name) ? name : undefined
}

export const isSecretReference = (value: unknown): boolean => findSecretName(value) !== undefined

/** The names of the secrets that values refer to, each once. */
export const listSecretNames = (values: ParameterValues): readonly string[] => [
  ...new Set(Object.values(values).flatMap((value) => findSecretName(value) ?? [])),
]

/** The values with the secrets that they refer to. @param secretOf throws if there is none */
export const resolveReferences = (values: ParameterValues, secretOf: (name: string) => string): ParameterValues =>
  Object.fromEntries(
    Object.entries(values).map(([parameter, value]) => {
      const name = findSecretName(value)
      return [parameter, name === undefined ? value : secretOf(name)]
    }),
  )
