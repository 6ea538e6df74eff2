/** What is wrong with an archive, as the end of a sentence that begins with the archive. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/** A name out of an archive, for people. */
export const quote = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
