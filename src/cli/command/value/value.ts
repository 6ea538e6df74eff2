import type { Command } from 'commander'
import type { Client } from '../../../client/client.ts'
import type { ValueScope } from '../../../core/extension/declared-values.ts'
import type { DeclaredValuesView } from '../../../protocol/api/assignment/values.ts'
import { findInstance } from '../../find-instance.ts'
import { printTable } from '../../output/table.ts'
import { readParameters } from '../../parameters.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface SubjectOptions {
  readonly group?: string
  readonly tag?: string
  readonly instance?: string
}

interface Subject {
  readonly scope: ValueScope
  readonly subject: string
}

const addSubjectOptions = (command: Command) =>
  command
    .option('--group <name>', 'group of instances (`chandler group list`)')
    .option('--tag <key=value>', 'tag of instances, such as env=prod')
    .option('--instance <instance>', 'id or name of an instance')

export const registerValueSet: Register = (parent, context) => {
  addSubjectOptions(
    apiCommand<SubjectOptions>(
      parent,
      context,
      'set <extension> <name=value...>',
      'declare parameter values of an extension for a group, a tag or an instance',
      async ({ client, options, print }, extension: string, pairs: readonly string[]) => {
        const subject = await readSubject(client, options)
        const values = await readParameters(client, extension, undefined, pairs)
        const declared = await client.values.patch(extension, { ...subject, values })
        print(declared, () => context.out.line(`${showSubject(declared)}: ${extension} ${showValues(declared.values)}`))
      },
    ),
  )
}

export const registerValueRemove: Register = (parent, context) => {
  addSubjectOptions(
    apiCommand<SubjectOptions>(
      parent,
      context,
      'remove <extension> <names...>',
      'remove declared parameter values; installed values remain',
      async ({ client, options, print }, extension: string, names: readonly string[]) => {
        const subject = await readSubject(client, options)
        const values = Object.fromEntries(names.map((name) => [name, null]))
        const declared = await client.values.patch(extension, { ...subject, values })
        print(declared, () =>
          context.out.line(`${showSubject(declared)}: ${extension} ${showValues(declared.values) || 'has no values'}`),
        )
      },
    ),
  )
}

export const registerValueList: Register = (parent, context) => {
  apiCommand<{ readonly extension?: string }>(
    parent,
    context,
    'list',
    'list the parameter values that are declared for groups, tags and instances',
    async ({ client, options, print }) => {
      const { items } = await client.values.list()
      const { extension } = options
      const shown = extension === undefined ? items : items.filter((one) => one.extension === extension)
      print(shown, () =>
        printTable(
          context.out,
          shown,
          [
            { title: 'extension', text: (one) => one.extension },
            { title: 'for', text: showSubject },
            { title: 'values', text: ({ values }) => showValues(values) },
            { title: 'changed by', text: ({ updatedBy }) => updatedBy },
          ],
          'no values; declare one with `chandler value set EXTENSION NAME=VALUE --group GROUP`',
        ),
      )
    },
  )
    .alias('ls')
    .option('--extension <name>', 'only values of this extension')
}

async function readSubject(client: Client, { group, tag, instance }: SubjectOptions): Promise<Subject> {
  const given: Subject[] = [
    ...(group === undefined ? [] : [{ scope: 'group', subject: group } as const]),
    ...(tag === undefined ? [] : [{ scope: 'tag', subject: tag } as const]),
    ...(instance === undefined ? [] : [{ scope: 'instance', subject: await findInstance(client, instance) } as const]),
  ]
  const [subject, other] = given
  if (!subject || other)
    throw new UsageError('a value is declared for one subject', 'Set one of --group, --tag and --instance.')
  return subject
}

const showSubject = ({ scope, subject }: Pick<DeclaredValuesView, 'scope' | 'subject'>) => `${scope} ${subject}`

const showValues = (values: DeclaredValuesView['values']) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? JSON.stringify(value) : String(value)}`)
    .join(' ')
