/** The server said no for good, such as 404. The message is a sentence for people, without the address. */
export class ArtifactRefused extends Error {
  override readonly name: string = 'ArtifactRefused'
}
