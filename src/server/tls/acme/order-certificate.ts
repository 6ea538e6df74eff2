import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { rootCertificates } from 'node:tls'
import { axios, Client, crypto } from 'acme-client'
import type { TlsCredentials } from '../server-identity.ts'

/** The CA, and the account there. */
export interface AcmeAccount {
  readonly directoryUrl: string
  /** PEM file of the CA that certifies the directory itself; absent: the ones of Node.js. */
  readonly caFile: string | undefined
  /** For messages of the CA. */
  readonly email: string | undefined
  /** PEM. */
  readonly accountKey: string
}

/** Where the CA finds the answers to its challenges. */
export interface AcmeChallenges {
  add(token: string, keyAuthorization: string): Promise<void>
  remove(token: string): Promise<void>
}

const requestTimeoutMs = 30_000

/** A private key for an account at a CA, PEM. */
export const createAccountKey = async (): Promise<string> => (await crypto.createPrivateEcdsaKey('P-256')).toString()

/** Orders a certificate for these host names and waits for it: some seconds, up to a few minutes. */
export async function orderCertificate(
  { directoryUrl, caFile, email, accountKey }: AcmeAccount,
  names: readonly string[],
  challenges: AcmeChallenges,
): Promise<TlsCredentials> {
  const ca = caFile === undefined ? undefined : [...rootCertificates, await readFile(caFile, 'utf8')]
  axios.defaults.httpsAgent = new Agent(ca === undefined ? {} : { ca })
  axios.defaults.timeout = requestTimeoutMs
  // The server itself tries again later.
  Object.assign(axios.defaults, { acmeSettings: { retryMaxAttempts: 2, retryDefaultDelay: 2 } })
  const client = new Client({ directoryUrl, accountKey, backoffAttempts: 20, backoffMin: 1_000, backoffMax: 10_000 })
  const [commonName = ''] = names
  const privateKey = await crypto.createPrivateEcdsaKey('P-256')
  const [key, csr] = await crypto.createCsr({ commonName, altNames: [...names] }, privateKey)
  const certificate = await client.auto({
    csr,
    ...(email === undefined ? {} : { email }),
    termsOfServiceAgreed: true,
    challengePriority: ['http-01'],
    // The host name may lead to the server only from outside.
    skipChallengeVerification: true,
    challengeCreateFn: (_authorization, { type, token }, keyAuthorization) => {
      if (type !== 'http-01') throw new Error(`The CA offers ${type}, but no http-01 challenge.`)
      return challenges.add(token, keyAuthorization)
    },
    challengeRemoveFn: (_authorization, { token }) => challenges.remove(token),
  })
  return { cert: certificate, key: key.toString() }
}
