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
 * nothing that was not compared can be trusted. The files are in a folder that no other user of the
 * machine can enter, and are removed.
 */
export function renderJoinCommand({ server, token, caSha256, url }: JoinCommand): string {
  const run = (options: string) => `sudo sh -s -- ${options}--token ${token}`
  if (caSha256 === undefined || url.protocol !== 'https:')
    return `curl -fsSL ${server}/install.sh | ${run(isExposed(url) ? '--insecure-http ' : '')}`
  return [
    `(d=$(mktemp -d) && trap 'rm -r "$d"' EXIT && curl -fsSko "$d/ca" ${server}/ca.der`,
    `echo "${caSha256}  $d/ca" | sha256sum -c`,
    `{ echo -----BEGIN CERTIFICATE-----; base64 "$d/ca"; echo -----END CERTIFICATE-----; } >"$d/ca.pem"`,
    `curl -fsS --cacert "$d/ca.pem" ${server}/install.sh | ${run(`--ca-sha256 ${caSha256} `)})`,
  ].join(' &&\n  ')
}
