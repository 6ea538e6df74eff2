import { X509Certificate } from 'node:crypto'
import type { CaCertificates } from '../../protocol/ca-certificates.ts'

/**
 * What an agent pins after a server has published its CAs: of those it publishes as trusted, the ones
 * that a pinned CA leads to, directly or over cross certificates. Keeps the pinned ones if the
 * server's current CA (the first) is not among them.
 * @param pinned PEM
 * @param now milliseconds since 1970
 * @returns PEM; `isRefused` if the server published a CA that no pinned one certifies
 */
export function acceptRotation(
  pinned: readonly string[],
  { trusted, crossCertificates }: CaCertificates,
  now: number,
): { readonly certificates: readonly string[]; readonly isRefused: boolean } {
  const refused = { certificates: pinned, isRefused: true }
  let offered: X509Certificate[]
  let crosses: X509Certificate[]
  try {
    offered = trusted.map((pem) => new X509Certificate(pem))
    crosses = crossCertificates.map((pem) => new X509Certificate(pem))
  } catch {
    return refused
  }
  const isValid = (certificate: X509Certificate) =>
    certificate.ca && Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo)
  const reached = pinned.map((pem) => new X509Certificate(pem))
  for (let size = 0; size < reached.length; ) {
    size = reached.length
    for (const cross of crosses) {
      const isKnown = reached.some((one) => one.publicKey.equals(cross.publicKey))
      const isCertified = reached.some(
        (issuer) => isValid(issuer) && cross.checkIssued(issuer) && cross.verify(issuer.publicKey),
      )
      if (!isKnown && isValid(cross) && isCertified) reached.push(cross)
    }
  }
  const accepted = offered.filter(
    (one) =>
      isValid(one) &&
      one.verify(one.publicKey) &&
      reached.some((known) => known.publicKey.equals(one.publicKey) && known.subject === one.subject),
  )
  if (accepted.length === 0 || accepted[0] !== offered[0]) return refused
  return { certificates: accepted.map(String), isRefused: false }
}
