import papaparse from 'papaparse'
import { type ListedTargets, readListedTargets } from '../core/plan/target-list.ts'

/**
 * Instances from the first column of a list or a CSV file, such as `instances.csv` of the server: ids, or names, one on each line, separated
 * from other columns by `,`, `;` or a tab. `quotes`: the row that starts on this line has a quotation mark that is not closed.
 */
export function parseTargetList(text: string): ListedTargets | { readonly problem: 'quotes'; readonly line: number } {
  const content = text.replaceAll('\r\n', '\n')
  const { data, errors } = papaparse.parse<string[]>(content, { delimiter: findDelimiter(content), newline: '\n' })
  let line = 1
  const cells = data.map((row) => {
    const cell = { word: row[0] ?? '', line }
    // A cell in quotation marks may have several lines.
    line += row.reduce((sum, text) => sum + text.split('\n').length - 1, 1)
    return cell
  })
  const broken = errors.find(({ type }) => type === 'Quotes')
  if (broken) return { problem: 'quotes', line: cells[broken.row ?? 0]?.line ?? 1 }
  return readListedTargets(cells)
}

const sampleLength = 10_000

/** The first separator outside of quotation marks. */
const findDelimiter = (text: string) =>
  /[,;\t]/.exec(text.slice(0, sampleLength).replaceAll(/"(?:[^"]|"")*"/g, ''))?.[0] ?? ','
