import { readFile, stat } from 'node:fs/promises'
import { chandlerError } from '../core/error/errors.ts'
import { parseSelector, renderSelector, type Targets } from '../core/plan/targets.ts'
import type { TargetsInput } from '../protocol/api/executions.ts'
import { UsageError } from './usage-error.ts'

/** 100,000 ids of 18 letters take 2 MB; names may be longer. */
const maxFileBytes = 32 * 1024 * 1024

/**
 * Parses `--targets`. In addition to the API's forms, `file:ids.csv` reads ids or names from the
 * first column of a file; `text` is the API's form.
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
  // Loaded on demand: most commands name their targets without a file.
  const { parseTargetList } = await import('../client/target-list.ts')
  const list = parseTargetList(await readFile(path, 'utf8'))
  if ('targets' in list) return list.targets
  if (list.problem === 'empty')
    throw new UsageError(`${path} contains no instances`, 'Write one id or name on each line.')
  if (list.problem === 'quotes')
    throw new UsageError(
      `${path}:${list.line}: a quotation mark in this row is not closed`,
      'Quote a cell that contains quotation marks and double each of them.',
    )
  throw new UsageError(
    `${path}:${list.line}: ids and names are mixed ("${list.entry}" after "${list.first}")`,
    'Use either ids (i-…) or names, one on each line.',
  )
}
