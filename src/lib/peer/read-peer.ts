import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { normalizeAddress, parseForwardedAddress } from './address.ts'

/** Where a request comes from. */
export interface Peer {
  readonly address: string
  /** Whether it came over TLS, to this server or to a proxy that is trusted. */
  readonly isSecure: boolean
  /** Whether it came through a proxy that is trusted: then its connection is shared by many clients. */
  readonly isProxied: boolean
}

export interface PeerRequest {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean }
}

export interface PeerReader {
  read(request: PeerRequest): Peer
  /** Whether a connection from this address is one of a proxy. */
  isTrusted(address: string): boolean
}

/** More proxies in a row than there are; a client may write any number into the header. */
const maxHops = 32

/**
 * What proxies say of their clients (`X-Forwarded-For`, `X-Forwarded-Proto`) counts as far as the proxies are trusted: from the connection
 * backwards, the first address that is no proxy is the client. What stands before it the client may have written itself.
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
        // What is no address was written by a proxy that does not know it, or by the client: the proxy is all that is known.
        const before = parseForwardedAddress(entry)
        if (before === undefined) break
        address = before
        hops++
        if (!isTrusted(before)) break
      }
      const protocols = listOf(headers['x-forwarded-proto'])
      // One for each hop, or only the last proxy's.
      const protocol = protocols[Math.min(Math.max(hops, 1), protocols.length) - 1]
      return { address, isSecure: protocol === undefined ? isEncrypted : protocol === 'https', isProxied: true }
    },
  }
}

/** From the last to the first. */
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
