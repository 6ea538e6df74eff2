import { z } from 'zod'

/** A CA certificate of P-256 has about 600 bytes. */
const pemSchema = z.string().max(8_192)

/** The CAs of a server: see `GET /agent/v1/ca`. */
export const caCertificatesSchema = z.object({
  /** What agents trust from now on: the current CA first. */
  trusted: z.array(pemSchema).min(1).max(4),
  /** CAs that are certified by their predecessors: they prove a rotation. */
  crossCertificates: z.array(pemSchema).max(256),
})
export type CaCertificates = z.infer<typeof caCertificatesSchema>
