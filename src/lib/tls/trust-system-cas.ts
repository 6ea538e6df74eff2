import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/**
 * Makes the connections of this process also trust the CAs of the operating system. Node.js itself
 * trusts only the public CAs that it contains and NODE_EXTRA_CA_CERTS, not the CA of a company that
 * the administrator added to the system.
 */
export function trustSystemCas(): void {
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])])
}
