/**
 * The server refused permanently, for example with 404. The message is a sentence without the URL.
 */
export class ArtifactRefused extends Error {
  override readonly name: string = 'ArtifactRefused'
}
