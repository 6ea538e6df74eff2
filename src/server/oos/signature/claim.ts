/** Who a request says it is from, and when it was signed; nothing of it is believed yet. */
export interface Claim {
  readonly accessKeyId: string
  readonly nonce: string
  /** As the client wrote it. */
  readonly time: string
  readonly isSignedWith: (secret: Buffer) => boolean
}
