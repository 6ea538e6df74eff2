/** What is wrong with an archive. The message continues a sentence whose subject is the archive. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

/** A name from an archive, safe to print. */
export const quote = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
