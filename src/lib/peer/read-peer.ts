import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { normalizeAddress, parseForwardedAddress } from './address.ts'

/** Client address of the request. */
export interface Peer {
  readonly address: string
  /** Whether the request used TLS, to this server or to a trusted proxy. */
  readonly isSecure: boolean
  /** Whether the request came through a trusted proxy: many clients share its connection. */
  readonly isProxied: boolean
}

export interface PeerRequest {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean }
}

export interface PeerReader {
  read(request: PeerRequest): Peer
  /** Whether this address belongs to a proxy. */
  isTrusted(address: string): boolean
}

/** More proxies than any real chain has; a client may write any number into the header. */
const maxHops = 32

/**
 * Evaluates `X-Forwarded-For` and `X-Forwarded-Proto` as far as the proxies are trusted: from the
 * connection backwards, the first address that is not a proxy is the client. The client may have
 * forged everything before it.
 * @param trusted networks such as `10.0.0.0/8`, checked by `parseNetwork`
 */
export function createPeerReader(trusted: readonly string[] = []): PeerReader {
  const proxies = new BlockList()
  for (const network of trusted) addNetwork(proxies, network)
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  return {
    isTrusted,
    read({ headers, socket }) {
      const connected = normalizeAddress(socket.remoteAddress ?? '') ?? socket.remoteAddress ?? ''
      const isEncrypted = socket.encrypted === true
      if (!isTrusted(connected)) return { address: connected, isSecure: isEncrypted, isProxied: false }
      let address = connected
      let hops = 0
      for (const entry of listOf(headers['x-forwarded-for'])) {
        // Text that is not an address comes from a proxy that does not know the client, or from the
        // client: only the proxy is known.
        const before = parseForwardedAddress(entry)
        if (before === undefined) break
        address = before
        hops++
        if (!isTrusted(before)) break
      }
      const protocols = listOf(headers['x-forwarded-proto'])
      // One value per hop, or only that of the last proxy.
      const protocol = protocols[Math.min(Math.max(hops, 1), protocols.length) - 1]
      return { address, isSecure: protocol === undefined ? isEncrypted : protocol === 'https', isProxied: true }
    },
  }
}

/** From last to first. */
function listOf(header: string | string[] | undefined): string[] {
  const entries: string[] = []
  const text = [header ?? ''].flat().join(',')
  for (let end = text.length; end > 0 && entries.length < maxHops; ) {
    const comma = text.lastIndexOf(',', end - 1)
    const entry = text.slice(comma + 1, end).trim()
    if (entry !== '') entries.push(entry.toLowerCase())
    end = comma
  }
  return entries
}

/** One address or network, such as `10.0.0.0/8` or `::1`. @throws Error that says what is wrong */
export function parseNetwork(text: string): string {
  addNetwork(new BlockList(), text)
  return text
}

function addNetwork(list: BlockList, text: string): void {
  const [address = '', prefix, ...more] = text.split('/')
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const bits = isIPv6(address) ? 128 : 32
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (isIP(address) === 0 || more.length > 0 || !(length >= 0 && length <= bits))
    throw new Error(`"${text}" is no address or network. Examples: 10.0.0.5, 10.0.0.0/8, fd00::/8.`)
  list.addSubnet(address, length, family)
}
