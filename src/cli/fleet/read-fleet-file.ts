import { readFile } from 'node:fs/promises'
import { type FleetFile, fleetFileSchema } from '../../protocol/fleet-file.ts'
import { explainIssue } from '../extension/schema-problems.ts'
import { readYaml } from '../extension/yaml-document.ts'
import { UsageError } from '../usage-error.ts'
import { fleetSections } from './fleet-objects.ts'

/** The fields at a path of the file, for suggestions. */
const fieldsAt = (path: readonly (string | number)[]): readonly string[] => {
  if (path.length === 0) return fleetSections
  const fields = fleetSections.find((section) => section === path[0])
  return path.length === 2 && fields ? fieldsOf[fields] : []
}

const fieldsOf: Readonly<Record<(typeof fleetSections)[number], readonly string[]>> = {
  extensions: ['from', 'channels'],
  groups: ['filter', 'description'],
  assignments: [
    'description',
    'group',
    'extension',
    'version',
    'absent',
    'parameters',
    'rateControl',
    'window',
    'priority',
    'repair',
  ],
  values: [],
  schedules: ['cron', 'timeZone', 'onMissed', 'onOverlap', 'request'],
  webhooks: ['url', 'format', 'events', 'secret'],
  freezes: ['beginsAt', 'endsAt'],
  policies: ['description', 'document'],
}

/**
 * Reads and checks a fleet file.
 * @throws UsageError with every problem and its line
 */
export async function readFleetFile(path: string): Promise<FleetFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read: ${error.message}`)
  })
  const read = readYaml(path, text)
  if ('problems' in read)
    throw new UsageError(
      read.problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`).join('\n'),
    )
  const { document } = read
  const parsed = fleetFileSchema.safeParse(document.value ?? {})
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues
    .flatMap((issue) => explainIssue(issue, document.value, fieldsAt))
    .map(({ path: where, isKey, message }) => {
      const { line, column } = isKey ? document.placeOfKey(where) : document.placeOf(where)
      return `${path}:${line}:${column}: ${message}`
    })
  throw new UsageError([...new Set(problems)].join('\n'), 'See docs/fleet.md for the fields of the file.')
}
