import { tagsShape } from '../protocol/agent-shapes.ts'
import { tryShape } from '../protocol/shape.ts'
import { ArgumentError } from './argument-error.ts'

/** The tags of repeated `--tag KEY=VALUE` options. Throws ArgumentError. */
export function parseTags(options: readonly string[] = []): Record<string, string> {
  const tags = tryShape(tagsShape, Object.fromEntries(options.map(parseTag)))
  if (tags === undefined)
    throw new ArgumentError('tags are at most 32, with keys of 1 to 128 characters and values of at most 128')
  return tags
}

function parseTag(text: string): [string, string] {
  const split = text.indexOf('=')
  if (split < 1) throw new ArgumentError(`--tag ${text}: a tag is KEY=VALUE`)
  return [text.slice(0, split), text.slice(split + 1)]
}
