import { createHash, randomUUID } from 'node:crypto'
import { renderStringToSignV1, signV1 } from '../../../src/server/oos/signature/sign-v1.ts'
import { renderCanonicalRequestV3, signV3 } from '../../../src/server/oos/signature/sign-v3.ts'

interface Key {
  readonly id: string
  readonly secret: string
}

/** A query signed with version 1, with any content: for requests that no official client sends. */
export function signQueryV1(
  key: Key,
  parameters: Readonly<Record<string, string>>,
  { method = 'GET', at = new Date() }: { readonly method?: 'GET' | 'POST'; readonly at?: Date } = {},
): URLSearchParams {
  const signed = {
    Format: 'JSON',
    Version: '2019-06-01',
    AccessKeyId: key.id,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: `${at.toISOString().slice(0, 19)}Z`,
    ...parameters,
  }
  const hash = signed.SignatureMethod === 'HMAC-SHA256' ? 'sha256' : 'sha1'
  const toSign = renderStringToSignV1(method, Object.entries(signed))
  return new URLSearchParams({ ...signed, Signature: signV1(toSign, Buffer.from(key.secret), hash) })
}

/** Headers signed with version 3 for a POST with this body; those of `headers` are signed, too. */
export function signHeadersV3(
  url: string,
  key: Key,
  { action, body = '', headers = {} }: { action: string; body?: string; headers?: Readonly<Record<string, string>> },
): Record<string, string> {
  const payloadDigest = createHash('sha256').update(body).digest('hex')
  const signed: Record<string, string> = {
    host: new URL(url).host,
    'x-acs-action': action,
    'x-acs-version': '2019-06-01',
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': payloadDigest,
    ...headers,
  }
  const signedHeaders = Object.keys(signed).toSorted()
  const query = [...new URL(url).searchParams]
  const canonical = renderCanonicalRequestV3({ method: 'POST', query, signedHeaders, headers: signed, payloadDigest })
  const signature = signV3(canonical, Buffer.from(key.secret))
  const authorization = `ACS3-HMAC-SHA256 Credential=${key.id},SignedHeaders=${signedHeaders.join(';')},Signature=${signature}`
  return { ...signed, authorization }
}
