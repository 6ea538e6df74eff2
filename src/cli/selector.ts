import { readFile, stat } from 'node:fs/promises'
import { chandlerError } from '../core/errors.ts'
import { parseSelector, renderSelector, type Targets } from '../core/targets.ts'
import type { TargetsInput } from '../protocol/api/executions.ts'
import { UsageError } from './usage-error.ts'

/** 100,000 ids of 18 letters are 2 MB; names may be longer. */
const maxFileBytes = 32 * 1024 * 1024
const instanceId = /^i-[0-9a-z]{16}$/
const headings = ['id', 'instanceid', 'instance id', 'instance_id', 'name']

/**
 * Targets from the text of `--targets`. Beside what the API knows, `file:ids.csv` reads ids or names from the first column of a file;
 * `text` is what the API understands, too.
 * @throws UsageError
 */
export async function readSelector(selector: string): Promise<{ targets: TargetsInput; text: string }> {
  const text = selector.startsWith('file:') ? await readTargetsFile(selector.slice('file:'.length)) : selector
  const parsed = typeof text === 'string' ? parseSelector(text) : { targets: text }
  if ('problem' in parsed) {
    const { message, next } = chandlerError('SelectorInvalid', { selector, reason: parsed.problem })
    throw new UsageError(message, next)
  }
  return { targets: parsed.targets as TargetsInput, text: renderSelector(parsed.targets) }
}

async function readTargetsFile(path: string): Promise<Targets> {
  const { size, isFile } = await stat(path).then(
    (found) => ({ size: found.size, isFile: found.isFile() }),
    (error: NodeJS.ErrnoException) => {
      throw new UsageError(`${path} cannot be read: ${error.message}`)
    },
  )
  if (!isFile) throw new UsageError(`${path} is not a file`)
  if (size > maxFileBytes) throw new UsageError(`${path} is larger than ${maxFileBytes} bytes`)
  const lines = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').split(/\r?\n/)
  const entries = lines
    .map((line, index) => ({ word: firstCell(line), number: index + 1 }))
    .filter(({ word, number }) => word !== '' && !(number === 1 && headings.includes(word.toLowerCase())))
  if (entries.length === 0) throw new UsageError(`${path} names no instance`, 'Write one id (or name) on each line.')

  const words = [...new Set(entries.map(({ word }) => word))]
  if (words.every((word) => instanceId.test(word))) return { kind: 'ids', ids: words }
  if (!words.some((word) => instanceId.test(word))) return { kind: 'names', names: words }
  const odd = entries.find(({ word }) => instanceId.test(word) !== instanceId.test(entries[0]?.word ?? ''))
  throw new UsageError(
    `${path}:${odd?.number}: ids and names are mixed ("${odd?.word}" after "${entries[0]?.word}")`,
    'Write either ids (i-…) or names, one on each line.',
  )
}

/** The first cell of a CSV line; quotes around it are taken off, doubled quotes in it are one. */
function firstCell(line: string): string {
  const quoted = /^\s*"((?:[^"]|"")*)"/.exec(line)
  return (quoted?.[1]?.replaceAll('""', '"') ?? line.split(/[,;\t]/)[0] ?? '').trim()
}
