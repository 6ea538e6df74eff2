import { isExposed } from './loopback.ts'

export interface JoinCommand {
  /** URL of the server as instances reach it, without a trailing slash. */
  readonly server: string
  readonly token: string
  /** SHA-256 of the server's own CA; absent: the system's CAs verify the server. */
  readonly caSha256?: string | undefined
  /** Parts of the URL; core has no URL parser. */
  readonly url: { readonly protocol: string; readonly hostname: string }
}

/**
 * The shell command that makes a machine an instance. With a CA of the server's own, it downloads
 * the CA unverified, compares its digest, and downloads the script, which runs as root, from a
 * server that this CA has verified. A single DER certificate is compared as a whole, so that
 * nothing that was not compared can be trusted.
 */
export function renderJoinCommand({ server, token, caSha256, url }: JoinCommand): string {
  const run = (options: string) => `sudo sh -s -- ${options}--token ${token}`
  if (caSha256 === undefined || url.protocol !== 'https:')
    return `curl -fsSL ${server}/install.sh | ${run(isExposed(url) ? '--insecure-http ' : '')}`
  return [
    `ca=$(mktemp) && curl -fsSko "$ca" ${server}/ca.der && echo "${caSha256}  $ca" | sha256sum -c`,
    `{ echo -----BEGIN CERTIFICATE-----; base64 "$ca"; echo -----END CERTIFICATE-----; } >"$ca.pem"`,
    `curl -fsS --cacert "$ca.pem" ${server}/install.sh | ${run(`--ca-sha256 ${caSha256} `)}`,
  ].join(' &&\n  ')
}
