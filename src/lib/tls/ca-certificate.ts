import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:https'
import { OperatorError } from '../operator-error.ts'

/** Proxy variables of an environment, such as `HTTPS_PROXY`. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

const maxBytes = 16 * 1024
const timeoutMs = 30_000

/**
 * Downloads the CA of a server over an unverified connection and returns it as PEM if its SHA-256 is
 * `sha256`. A single certificate in DER is compared as a whole: nothing else can be trusted.
 * @throws OperatorError if it is another one, or there is none; errors of the network
 */
export async function fetchCaCertificate(server: string, sha256: string, proxyEnv?: ProxyEnvironment): Promise<string> {
  const { status, body } = await download(`${server.replace(/\/+$/, '')}/ca.der`, proxyEnv)
  if (status === 404)
    throw new OperatorError(
      `${server} has no CA of its own (404), so --ca-sha256 cannot verify it. Leave it out: the CAs of the system, or --ca FILE, verify the server`,
    )
  if (status !== 200) throw new OperatorError(`${server} answered ${status} to the request for its CA`)
  const actual = createHash('sha256').update(body).digest('hex')
  if (actual !== sha256)
    throw new OperatorError(
      `the CA of ${server} has the SHA-256 ${actual}, not ${sha256} as in --ca-sha256: the command is of another server or older than a rotation of the CA, or something intercepts the connection. Compare it with the digest that the server prints at its start, and create a new join command. Nothing was sent`,
    )
  return new X509Certificate(body).toString()
}

function download(url: string, proxyEnv: ProxyEnvironment | undefined): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    // Unverified: the caller compares the digest of what arrives, and nothing secret is sent.
    const agent = new Agent({ rejectUnauthorized: false, ...(proxyEnv && { proxyEnv: { ...proxyEnv } }) })
    const request = get(url, { agent, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = []
      let sizeBytes = 0
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length
        chunks.push(chunk)
        if (sizeBytes > maxBytes) response.destroy(new Error(`${url} is larger than ${maxBytes} bytes`))
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    })
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer for ${timeoutMs / 1_000} s`)))
    request.on('error', reject)
  })
}

/**
 * The certificates of a PEM file, at least one.
 * @throws OperatorError if it cannot be read or holds something else
 */
export function readCaFile(path: string): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new OperatorError(`cannot read the CA file: ${(error as Error).message}`, { cause: error })
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    if (found.length > 0) return found.map((pem) => new X509Certificate(pem).toString())
  } catch {
    // The message below covers it.
  }
  throw new OperatorError(`${path} holds no CA certificates in PEM (or a damaged one)`)
}
