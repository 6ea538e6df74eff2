import { type FleetChange, planFleet } from '../../../core/assignment/plan-fleet.ts'
import { askYes } from '../../ask-yes.ts'
import { type ExitCode, exitCodes } from '../../exit-code.ts'
import { applyChange } from '../../fleet/apply-change.ts'
import { type FolderChange, planFolders } from '../../fleet/extension-folders.ts'
import { describeFile, describeServer, loadFleet, sectionsOf } from '../../fleet/fleet-objects.ts'
import { readFleetFile } from '../../fleet/read-fleet-file.ts'
import { countWithNoun } from '../../output/printable.ts'
import type { Sink } from '../../output/sink.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly file: string
  readonly dryRun?: boolean
  readonly prune?: boolean
  readonly detailedExitCode?: boolean
  readonly yes?: boolean
}

const fileOption = ['-f, --file <path>', 'fleet file, such as fleet.yaml'] as const
const pruneOption = ['--prune', 'delete objects that the file does not name, of the sections that it has'] as const

export const registerApply: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'apply',
    'change extensions, channels, groups, assignments, schedules, webhooks, freezes and policies to what a file describes',
    apply,
  )
    .requiredOption(...fileOption)
    .option('--dry-run', 'print the changes, and make none')
    .option(...pruneOption)
    .option('--detailed-exit-code', 'exit with 5 if something changed, and with 0 if nothing did')
    .option('-y, --yes', 'skip the confirmation on a terminal')
}

export const registerDiff: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'diff',
    'print how the server differs from what a file describes; exit code 5 if it does',
    (run) => apply({ ...run, options: { ...run.options, dryRun: true, detailedExitCode: true } }),
  )
    .requiredOption(...fileOption)
    .option(...pruneOption)
}

async function apply(run: ApiRun<Options>): Promise<ExitCode> {
  const { client, context, options, print } = run
  const { out, err } = context
  const file = await readFleetFile(options.file)
  const server = await loadFleet(client, sectionsOf(file))
  const folders = await planFolders(client, options.file, file, server)
  const { variable: readVariable } = context.settings
  const desired = describeFile(file, server, { readVariable, now: Date.now() })
  const changes = planFleet(desired, describeServer(server), { prune: options.prune ?? false })
  const count = folders.length + changes.length
  const describe = () => ({
    changes: [...folders.map(({ name, action }) => ({ kind: 'extension', name, action })), ...changes],
  })
  if (count === 0 || options.dryRun) {
    print(describe(), () => printChanges(out, folders, changes))
    return exitCodeFor(options, count)
  }
  if (options.output === 'table') printChanges(out, folders, changes)
  if (isAsking(run) && !(await askYes(context, `Make ${countWithNoun(count, 'change')}?`))) {
    err.line('Cancelled: nothing was changed.')
    return exitCodes.failed
  }
  for (const { name, upload } of folders) {
    const version = await upload()
    err.line(`${name} ${version} created`)
  }
  for (const change of changes) {
    await applyChange(client, file, change, readVariable)
    err.line(`${change.kind} ${change.name} ${past[change.action]}`)
  }
  print(describe(), () => out.line(`${countWithNoun(count, 'change')} made`))
  return exitCodeFor(options, count)
}

const exitCodeFor = ({ detailedExitCode }: Options, count: number): ExitCode =>
  detailedExitCode && count > 0 ? exitCodes.changed : exitCodes.success

/** Only a user at a terminal can answer; a script runs without confirmation. */
const isAsking = ({ context, options }: ApiRun<Options>) =>
  !options.yes && options.output === 'table' && context.out.isTerminal && context.stdin.isTTY === true

const past = { create: 'created', update: 'updated', delete: 'deleted' } as const
const signs = { create: '+', update: '~', delete: '-' } as const

function printChanges(out: Sink, folders: readonly FolderChange[], changes: readonly FleetChange[]): void {
  if (folders.length + changes.length === 0) return out.line('no differences')
  for (const { name, action } of folders)
    out.line(`${signs[action]} extension ${name}${action === 'update' ? ': next version, from its folder' : ''}`)
  for (const { kind, name, action, fields } of changes) {
    out.line(`${signs[action]} ${kind} ${name}`)
    for (const { field, from, to } of fields) out.line(`    ${field}: ${show(from)} → ${show(to)}`)
  }
}

const show = (value: unknown) => (value === undefined ? '(none)' : JSON.stringify(value))
