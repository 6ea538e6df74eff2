import { scrypt, timingSafeEqual } from 'node:crypto'
import type { RandomBytes } from '../../../core/id.ts'

/** The work of one guess. */
export interface PasswordCost {
  /** Binary logarithm of N. */
  readonly ln: number
  readonly r: number
  readonly p: number
}

/**
 * 32 MB and some 100 ms of one core (one of OWASP's equivalent settings). Stored with each hash: a
 * higher cost applies to passwords that are set later.
 */
const defaultCost: PasswordCost = { ln: 15, r: 8, p: 3 }
const hashBytes = 32
const saltBytes = 16

/** In PHC string format: `$scrypt$ln=15,r=8,p=3$SALT$HASH`. */
export async function hashPassword(random: RandomBytes, password: string, cost = defaultCost): Promise<string> {
  const salt = Buffer.from(random(saltBytes))
  const hash = await derive(password, salt, cost)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${encode(salt)}$${encode(hash)}`
}

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/

/**
 * Whether the password matches. Without a stored hash it takes the same time, so that the duration
 * does not reveal which users exist.
 */
export async function verifyPassword(
  kept: string | null | undefined,
  password: string,
  cost = defaultCost,
): Promise<boolean> {
  const match = form.exec(kept ?? '')
  if (!match) {
    await derive(password, Buffer.alloc(saltBytes), cost)
    return false
  }
  const [ln, r, p] = [match[1], match[2], match[3]].map(Number) as [number, number, number]
  const expected = Buffer.from(match[5] ?? '', 'base64')
  const actual = await derive(password, Buffer.from(match[4] ?? '', 'base64'), { ln, r, p })
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

let last: Promise<unknown> = Promise.resolve()

/** One at a time, so that any number of sign-ins takes 32 MB and one core. */
function derive(password: string, salt: Buffer, { ln, r, p }: PasswordCost): Promise<Buffer> {
  const N = 2 ** ln
  const next = last.then(
    () =>
      new Promise<Buffer>((resolve, reject) =>
        scrypt(password.normalize('NFKC'), salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, hash) =>
          error ? reject(error) : resolve(hash),
        ),
      ),
  )
  last = next.catch(() => undefined)
  return next
}

const encode = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
