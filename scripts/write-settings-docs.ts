// Writes docs/settings.md from the table of settings: `node scripts/write-settings-docs.ts`. A test checks that the page is current.
import { writeFileSync } from 'node:fs'
import {
  defaultSettingsFile,
  settingKeys,
  settingOf,
  settingsFileVariable,
} from '../src/server/boot/settings/server-settings.ts'

export const settingsDocsFile = new URL('../docs/settings.md', import.meta.url)

export function renderSettingsDocs(): string {
  const rows = settingKeys.map((key) => {
    const { variable, flag, default: byDefault, description } = settingOf(key)
    const names = [`\`${variable}\``, ...(flag === undefined ? [] : [`\`${flag}\``])].join(', ')
    return `| \`${key}\` | ${names} | ${byDefault} | ${description.replaceAll('|', '\\|')} |`
  })
  const secrets = settingKeys.filter((key) => settingOf(key).isSecret).map((key) => `\`${key}\``)
  return [
    '# Settings of the server',
    '',
    `The server reads \`${defaultSettingsFile}\` if that file exists, or the file that \`--config FILE\` or \`${settingsFileVariable}\` names:`,
    '',
    '```yaml',
    'listen: 0.0.0.0:7443',
    'publicUrl: https://chandler.example:7443',
    'trustedProxies: [10.0.0.0/8]',
    'retentionOutput: 30d',
    '```',
    '',
    'An option overrides the environment variable, which overrides the file, which overrides the default. The server ignores settings with an empty value.',
    'It does not start if the file contains an unknown setting or an invalid value, and names each of them with its line. It logs a warning for',
    'environment variables that start with `CHANDLER_` and that no program of Chandler reads, and for settings that have no effect.',
    '',
    `The file must not be writable by other users. With secrets in it (${secrets.join(', ')}) it must not be readable by every user either: the`,
    'packages install it with mode 0640 for the group `chandler`.',
    '',
    '```console',
    '$ chandler server check                       # exit code 0: valid; 2: every problem is listed',
    '$ chandler server check --config new.yaml',
    '```',
    '',
    '`chandler server check` prints every setting with its value and source, secrets masked, and what the server would do with the data',
    'directory, the keys, the address and the database. It changes nothing. With your own PostgreSQL it connects and lists the pending migrations.',
    '',
    'This page is generated from `src/server/boot/settings/server-settings.ts` by `node scripts/write-settings-docs.ts`. A test checks that it is current.',
    '',
    '| file | variable, option | default | description |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(settingsDocsFile, renderSettingsDocs())
