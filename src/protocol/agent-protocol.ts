/**
 * Constants of the agent protocol. Separate from the schemas of its messages, because agents have no
 * zod at run time.
 */

/**
 * The bytes signed at enrolment and at hello. The purpose comes first, so that a signature for one
 * is not valid for the other.
 */
export const enrolProof = (token: string) => `chandler agent enrol\n${token}`
export const helloProof = (instanceId: string, nonce: string) => `chandler agent hello\n${instanceId}\n${nonce}`

/**
 * Signed at a renewal, with the old key and with the new one; the nonce is that of the connection.
 */
export const renewKeyProof = (instanceId: string, nonce: string, publicKey: string) =>
  `chandler agent renew key\n${instanceId}\n${nonce}\n${publicKey}`

export const agentPaths = {
  enrol: '/agent/v1/enrol',
  connect: '/agent/v1/connect',
  caCertificates: '/agent/v1/ca',
} as const

export const streams = ['stdout', 'stderr'] as const
export type Stream = (typeof streams)[number]
