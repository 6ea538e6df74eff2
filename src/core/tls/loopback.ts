/**
 * Whether only processes of the same machine can reach this host: `127.0.0.0/8`, `::1`, `localhost`
 * and names below it (RFC 6761). Other names count as remote, whatever they resolve to.
 * @param host a host name or address as in a URL; an IPv6 address with or without brackets
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  return /^127(?:\.\d{1,3}){3}$/.test(name) || name === '::1' || /(?:^|\.)localhost$/.test(name)
}

/** Whether a request to this URL can be read and changed on the network. */
export const isExposed = ({ protocol, hostname }: { readonly protocol: string; readonly hostname: string }): boolean =>
  protocol === 'http:' && !isLoopbackHost(hostname)
