/** The unverified key id and time of a signed request. */
export interface Claim {
  readonly accessKeyId: string
  readonly nonce: string
  /** As the client wrote it. */
  readonly time: string
  readonly isSignedWith: (secret: Buffer) => boolean
}
