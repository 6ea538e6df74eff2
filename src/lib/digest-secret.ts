import { canonicalJson } from './canonical-json.ts'
import { sha256Of } from './digest.ts'

/** The salted SHA-256 of a named value: without the salt, nobody can guess the value from it. */
export const digestSecret = (salt: string, name: string, value: unknown): string =>
  sha256Of(canonicalJson([salt, name, value]))
