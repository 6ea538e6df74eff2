/**
 * The prefix of a digest over secret values that was made with the server's secret key. Plain
 * SHA-256 digests, which earlier releases stored, do not begin with it (one in 2^32 does). The
 * whole digest has 64 hex digits, as agents expect.
 */
export const keyedDigestPrefix = '6b657931'
