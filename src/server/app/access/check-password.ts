import { chandlerError } from '../../../core/error/errors.ts'
import { maxPasswordLength, minPasswordLength } from '../../../core/limits.ts'

/**
 * zxcvbn's scores range from 0 to 4; 3 means at least 10^8 guesses: more than is feasible online or
 * against the scrypt hash.
 */
const minScore = 3
/** Guessing becomes harder with every character: a weak password is also weak in its first 100. */
const maxScoredLength = 100

const explanations: Readonly<Record<string, string>> = {
  straightRow: 'it is a row of the keyboard',
  keyPattern: 'it is a pattern on the keyboard',
  simpleRepeat: 'it repeats one character',
  extendedRepeat: 'it repeats a few characters',
  sequences: 'it is a sequence such as abc or 6543',
  recentYears: 'it is little more than a year',
  dates: 'it is little more than a date',
  topTen: 'it is one of the most common passwords',
  topHundred: 'it is a very common password',
  common: 'it is a common password',
  similarToCommon: 'it is like a common password',
}

/**
 * Refuses passwords that are short, common or easy to guess, also those derived from the user's
 * name or the product's.
 * @throws PasswordWeak
 */
export async function checkPassword(password: string, userName: string): Promise<void> {
  if (password.length < minPasswordLength || password.length > maxPasswordLength) {
    const reason = `it has ${password.length} characters; it must have ${minPasswordLength} to ${maxPasswordLength}`
    throw chandlerError('PasswordWeak', { reason })
  }
  // Megabytes of dictionaries for a rare operation: loaded on demand and released afterwards.
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  const judge = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: maxScoredLength })
  const { score, feedback } = judge.check(password.normalize('NFKC'), [userName, 'chandler'])
  if (score >= minScore) return
  const reason = explanations[feedback.warning ?? ''] ?? 'it can be guessed in a short time'
  throw chandlerError('PasswordWeak', { reason })
}
