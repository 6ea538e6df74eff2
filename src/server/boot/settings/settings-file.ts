import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml'
import { suggestName } from '../../../lib/suggest-name.ts'
import { type SettingKey, settingKeys, settingOf } from './server-settings.ts'

/** A settings file as read from disk. */
export interface SettingsFileContent {
  readonly text: string
  /** Permission bits. */
  readonly mode: number
}

/** The text of one setting, and where it was set, such as `chandler.yaml:3:9`. */
export interface FileSetting {
  readonly text: string
  readonly place: string
}

export interface FileSettings {
  readonly values: ReadonlyMap<SettingKey, FileSetting>
  /** `FILE:LINE:COLUMN message`, each about one mistake. */
  readonly problems: readonly string[]
}

const readableByEveryone = 0o004
const writableByOthers = 0o022

/**
 * Reads the settings of a YAML file: one level of keys, each with a text, a number, true or false,
 * or a list where the setting is one. An empty value counts as unset.
 * @param file its path, for the messages
 */
export function readSettingsFile(file: string, { text, mode }: SettingsFileContent): FileSettings {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  const placeOf = (node: unknown) => placeAt((node as Node | null)?.range?.[0] ?? 0)
  const values = new Map<SettingKey, FileSetting>()
  const problems = document.errors.map(
    ({ pos, code, message }) =>
      `${placeAt(pos[0])} ${code === 'DUPLICATE_KEY' ? 'duplicate setting; remove one of them' : `is not YAML: ${message.split('\n')[0]}`}`,
  )
  const root = document.contents
  if (problems.length > 0) return { values, problems }
  if (root === null || (isScalar(root) && root.value === null)) return { values, problems }
  if (!isMap(root)) return { values, problems: [`${placeOf(root)} must be lines of the form "setting: value"`] }
  for (const { key, value } of root.items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (!isSettingKey(name)) {
      problems.push(`${placeOf(key)} unknown setting "${name}"; ${suggestKey(name)}`)
      continue
    }
    const found = textOf(value, settingOf(name).isList ?? false)
    if (found === undefined)
      problems.push(
        `${placeOf(value ?? key)} ${name}: must be ${settingOf(name).isList ? 'a text or a list of texts' : 'a single value'}.`,
      )
    else if (found.trim() !== '') values.set(name, { text: found.trim(), place: placeOf(value ?? key) })
  }
  problems.push(...findOpenSecrets(file, mode, values))
  return { values, problems }
}

const isSettingKey = (name: string): name is SettingKey => (settingKeys as string[]).includes(name)

/** Many copy a variable of the environment into the file. */
function suggestKey(name: string): string {
  const key =
    settingKeys.find((candidate) => settingOf(candidate).variable === name) ??
    suggestName(name, settingKeys) ??
    suggestName(name.replaceAll(/[-_]/g, ''), settingKeys)
  return key === undefined ? 'see docs/settings.md' : `did you mean ${key}?`
}

/** The text of a value as it is in the file: `1e3` and `0x10` stay what they are. */
function textOf(value: unknown, isList: boolean): string | undefined {
  if (value === null) return ''
  if (isScalar(value)) return scalarText(value)
  if (!isList || !isSeq(value) || !value.items.every((item) => isScalar(item))) return undefined
  return value.items.map((item) => scalarText(item as Scalar)).join(',')
}

const scalarText = ({ value, source }: Scalar): string =>
  value === null ? '' : typeof value === 'string' ? value : (source ?? JSON.stringify(value))

/**
 * Other users must not read secrets, and must not change how the server runs. The group may read:
 * packages install the file for the group of the server.
 */
function findOpenSecrets(file: string, mode: number, values: ReadonlyMap<SettingKey, unknown>): string[] {
  const shown = (mode & 0o777).toString(8)
  if ((mode & writableByOthers) !== 0)
    return [`${file} can be changed by other users (mode ${shown}). Run: chmod go-w ${file}`]
  const secrets = [...values.keys()].filter((key) => settingOf(key).isSecret)
  if (secrets.length === 0 || (mode & readableByEveryone) === 0) return []
  return [
    `${file} contains secrets (${secrets.join(', ')}) and every user can read it (mode ${shown}). Run: chmod o-rwx ${file} and replace the secrets.`,
  ]
}
