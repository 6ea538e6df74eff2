import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { describeTlsError } from '../../core/tls/describe-tls-error.ts'
import { isExposed, isLoopbackHost } from '../../core/tls/loopback.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { fetchCaCertificate, type ProxyEnvironment, readCaFile } from '../../lib/tls/ca-certificate.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import { agentPaths } from '../../protocol/agent-protocol.ts'
import type { StoredTrust } from '../../protocol/agent-records.ts'
import { caCertificatesShape, storedTrustShape } from '../../protocol/agent-shapes.ts'
import { readShape } from '../../protocol/shape.ts'
import { acceptRotation } from './accept-rotation.ts'
import { readBody, requestHttp, resolveBelow } from './http-request.ts'
import { howAgentsPin, type Network } from './network.ts'

/** What an operator sets; absent options keep what is stored. */
export interface TrustOptions {
  /** Digest of the server's own CA, 64 hexadecimal digits. */
  readonly caSha256?: string | undefined
  /** Absolute path of a PEM file with the CAs that verify the server. */
  readonly caFile?: string | undefined
  /** Accepts plain HTTP beyond loopback. */
  readonly insecureHttp?: boolean | undefined
}

export interface ServerTrust extends Network {
  /** Fetches the CAs of the server, and pins a rotated one that a pinned one certifies. */
  refresh(signal?: AbortSignal): Promise<void>
}

const maxAnswerBytes = 1024 * 1024
const idleTimeoutMs = 30_000

/**
 * Decides how this agent verifies its server, and stores it: the CA with a given digest, the CAs of
 * a file, or those of the system. A given digest is verified once; afterwards the agent follows
 * rotations of the CA by itself.
 * @param stateDirectory undefined: nothing is stored (simulated instances)
 * @throws OperatorError if the server has another CA, or plain HTTP is not accepted
 */
export async function openServerTrust(
  server: string,
  options: TrustOptions,
  around: {
    readonly stateDirectory: string | undefined
    readonly proxyEnv: ProxyEnvironment
    readonly clock: Pick<Clock, 'now'>
    readonly log: Logger
  },
): Promise<ServerTrust> {
  const { stateDirectory, proxyEnv, clock, log } = around
  const serverUrl = new URL(server)
  const path = stateDirectory === undefined ? undefined : join(stateDirectory, 'server-trust.json')
  const before = path === undefined ? {} : await readStored(path)
  let stored = await resolveStored(before)
  if (isExposed(serverUrl)) {
    if (!stored.insecureHttp)
      throw new OperatorError(
        `${server} is plain HTTP: others on the network could read the join token and run any script on this machine. Use https://, or accept the risk with --insecure-http`,
      )
    log.warn(`${server} is plain HTTP (--insecure-http): others on the network can run any script on this machine`)
  }
  if (JSON.stringify(stored) !== JSON.stringify(before)) await save()

  async function resolveStored({ pinned, caFile, insecureHttp }: StoredTrust): Promise<StoredTrust> {
    if (options.caSha256 !== undefined && options.caFile !== undefined)
      throw new OperatorError('use either --ca-sha256 or --ca')
    const risk = (options.insecureHttp ?? insecureHttp) ? { insecureHttp: true as const } : {}
    if (options.caFile !== undefined) {
      readCaFile(options.caFile)
      return { caFile: options.caFile, ...risk }
    }
    const given = options.caSha256
    if (given === undefined) return { ...(pinned && { pinned }), ...(caFile !== undefined && { caFile }), ...risk }
    // After a rotation, the digest of a start command is that of an earlier CA.
    if (pinned?.given === given || pinned?.certificates.some((pem) => digestOf(pem) === given))
      return { pinned, ...risk }
    if (serverUrl.protocol !== 'https:')
      throw new OperatorError(`--ca-sha256 needs an address that begins with https://, not ${server}`)
    return { pinned: { given, certificates: [await fetchCa(given)] }, ...risk }
  }

  async function fetchCa(sha256: string): Promise<string> {
    try {
      return await fetchCaCertificate(server, sha256, isLoopbackHost(serverUrl.hostname) ? undefined : proxyEnv)
    } catch (error) {
      if (error instanceof OperatorError) throw error
      throw new OperatorError(`cannot fetch the CA of ${server}: ${explain(error as Error, serverUrl)}`, {
        cause: error,
      })
    }
  }

  async function save(): Promise<void> {
    if (path !== undefined) await writeFileDurably(path, `${JSON.stringify(stored, null, 2)}\n`)
  }

  const trustKind = () => (stored.pinned ? 'pinned' : stored.caFile === undefined ? 'system' : 'file')
  const explain = ({ code, message }: NodeJS.ErrnoException, url: URL) =>
    describeTlsError({
      code,
      message,
      url,
      clock: new Date(clock.now()).toISOString(),
      trust: url.host === serverUrl.host ? trustKind() : 'system',
      howToPin: howAgentsPin,
    })

  /** One agent for the server and one for other hosts (object stores), until what they trust changes. */
  const agents = new Map<string, { readonly trusted: string; readonly agent: HttpsAgent }>()
  function secureAgent(isServer: boolean, proxies: ProxyEnvironment | undefined): HttpsAgent {
    const trusted = listTrusted(isServer)
    const key = `${isServer} ${proxies !== undefined}`
    const known = agents.get(key)
    const joined = trusted.join('')
    if (known?.trusted === joined) return known.agent
    const agent = new HttpsAgent({ ca: trusted, ...(proxies && { proxyEnv: { ...proxies } }) })
    agents.set(key, { trusted: joined, agent })
    return agent
  }

  function listTrusted(isServer: boolean): string[] {
    if (isServer && stored.pinned) return [...stored.pinned.certificates]
    // Read again at each connection: configuration management replaces it.
    const ofFile = stored.caFile === undefined ? [] : readCaFile(stored.caFile)
    if (isServer && stored.caFile !== undefined) return ofFile
    return [...new Set([...ofFile, ...getCACertificates('system'), ...getCACertificates('default')])]
  }

  return {
    explain,
    agentFor(url) {
      const proxies = isLoopbackHost(url.hostname) ? undefined : proxyEnv
      if (url.protocol === 'https:' || url.protocol === 'wss:') return secureAgent(url.host === serverUrl.host, proxies)
      return proxies && new HttpAgent({ proxyEnv: { ...proxies } })
    },
    async refresh(signal) {
      const { pinned } = stored
      if (pinned === undefined) return
      const url = resolveBelow(server, agentPaths.caCertificates)
      const response = await requestHttp(url, {
        idleTimeoutMs,
        agent: secureAgent(true, isLoopbackHost(url.hostname) ? undefined : proxyEnv),
        ...(signal && { signal }),
      })
      const text = await readBody(response, maxAnswerBytes)
      if (response.statusCode !== 200) throw new Error(`${url.host} answered ${response.statusCode}`)
      const { certificates, isRefused } = acceptRotation(
        pinned.certificates,
        readShape(caCertificatesShape, JSON.parse(text)),
        clock.now(),
      )
      if (isRefused) log.error(`${server} publishes a CA that the pinned one does not certify; the pinned one is kept`)
      if (certificates.join('') === pinned.certificates.join('')) return
      stored = { ...stored, pinned: { ...pinned, certificates: [...certificates] } }
      await save()
      log.info('the CA of the server was rotated', { sha256: certificates.map(digestOf) })
    },
  }
}

async function readStored(path: string): Promise<StoredTrust> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new OperatorError(`cannot read ${path}: ${error.message}; run the agent as the user that enrolled it`)
  })
  if (text === undefined) return {}
  try {
    return readShape(storedTrustShape, JSON.parse(text))
  } catch {
    throw new OperatorError(
      `${path} is damaged; restore it from a backup, or delete it and start the agent once with --ca-sha256 (or --ca FILE)`,
    )
  }
}

const digestOf = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
