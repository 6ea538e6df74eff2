import papaparse from 'papaparse'
import { type ListedTargets, readListedTargets } from '../core/plan/target-list.ts'

/**
 * Instances in the first column of a list or a CSV file, such as the server's `instances.csv`: one
 * id or name per line, separated from other columns by `,`, `;` or a tab. `quotes`: the line of a
 * quotation mark that is not closed.
 */
export function parseTargetList(text: string): ListedTargets | { readonly problem: 'quotes'; readonly line: number } {
  const content = text.replaceAll('\r\n', '\n')
  const { data, errors } = papaparse.parse<string[]>(content, { delimiter: findDelimiter(content), newline: '\n' })
  let line = 1
  const cells = data.map((row) => {
    const cell = { entry: row[0] ?? '', line }
    // A quoted cell may span lines.
    line += row.reduce((sum, text) => sum + text.split('\n').length - 1, 1)
    return cell
  })
  const broken = errors.find(({ type }) => type === 'Quotes')
  if (broken) return { problem: 'quotes', line: cells[broken.row ?? 0]?.line ?? 1 }
  return readListedTargets(cells)
}

const sampleLength = 10_000

/** The first separator outside quotation marks. */
const findDelimiter = (text: string) =>
  /[,;\t]/.exec(text.slice(0, sampleLength).replaceAll(/"(?:[^"]|"")*"/g, ''))?.[0] ?? ','
