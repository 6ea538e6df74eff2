/**
 * What a page of the console may do: run scripts of this server and nothing else, speak to this server and nothing else, be shown in no frame.
 * Styles too come as files only: the components set what depends on the moment through the DOM, which the policy does not touch.
 */
export const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
} as const

/** What a script may do that runs as a worker, which has no page: speak to this server and nothing else. */
export const scriptHeaders = {
  'content-security-policy': "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
} as const

/** A page without scripts that looks again by itself. */
export const waitingHeaders = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const
