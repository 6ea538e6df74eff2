/**
 * The Content-Security-Policy of a console page: scripts and connections of this server only, and
 * no framing. Styles are files only: the components set dynamic styles through the DOM, which the
 * policy does not restrict.
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

/**
 * The policy of a script that runs as a worker, which has no page: connections to this server only.
 */
export const scriptHeaders = {
  'content-security-policy': "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
} as const

/** The policy of a page without scripts that reloads itself. */
export const waitingHeaders = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const
