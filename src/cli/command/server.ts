import { type Command, Option } from 'commander'
import { exitCodes } from '../exit-code.ts'
import { formats, type OutputFormat, printAnswer } from '../output/format.ts'
import { printFields, printTable } from '../output/table.ts'
import { collect, parseDurationOption } from '../parse-option.ts'
import type { Register } from './api-command.ts'

interface Options {
  readonly config?: string
  readonly data?: string
  readonly listen?: string
  readonly metricsListen?: string
  readonly tls?: true
  readonly tlsName?: readonly string[]
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly acme?: readonly string[]
  readonly insecureHttp?: true
}

/**
 * Options that several commands define. Commander assigns an option that both define to the parent.
 */
function sharedOptions(command: Command): { config?: string; data?: string } {
  const { config, data } = command.optsWithGlobals<Options>()
  return { ...(config === undefined ? {} : { config }), ...(data === undefined ? {} : { data }) }
}

const configOption = ['--config <file>', 'settings file (default: /etc/chandler/chandler.yaml if it exists)'] as const

export const registerServer: Register = (parent, context) => {
  const command: Command = parent
    .command('server')
    .description('run a server in the foreground (stop it with Ctrl-C or SIGTERM)')
    .option(...configOption)
    .option('--data <dir>', 'data directory: database, artifacts and keys')
    .option('--listen <host:port>', 'address to listen on; port 0 selects a free port')
    .option('--metrics-listen <host:port>', 'also serve /metrics on this address, without authentication')
    .option('--tls', 'serve HTTPS on a loopback address, too (beyond loopback it is the default)')
    .option('--tls-name <name>', 'host name or address for the certificate of the server (repeatable)', collect)
    .option(
      '--tls-cert <file>',
      'company certificate with its intermediate certificates, PEM; read again when it changes',
    )
    .option('--tls-key <file>', 'private key of the company certificate, PEM')
    .option(
      '--acme <name>',
      'host name to obtain a certificate for by ACME (repeatable; port 80 must be reachable)',
      collect,
    )
    .option('--insecure-http', 'serve plain HTTP beyond loopback: passwords and scripts can be read and changed')
    .action(async () => {
      const { runServer } = await import('../../server/boot/main.ts')
      context.exitCode = (await runServer(command.opts<Options>())) === 0 ? exitCodes.success : exitCodes.failed
    })
  registerCheck(command, context)
  const reset: Command = command
    .command('reset-admin')
    .description('create a new access key and password for the user admin, on the machine of a stopped server')
    .option(...configOption)
    .option('--data <dir>', 'data directory of the server')
    .action(async () => {
      const { resetAdmin } = await import('../../server/boot/command/reset-admin.ts')
      for (const line of await resetAdmin(sharedOptions(reset))) context.out.line(line)
    })
  registerRotateCa(command, context)
  registerRekey(command, context)
  registerPrune(command, context)
  registerBackup(command, context)
}

const registerRotateCa: Register = (parent, context) => {
  const command: Command = parent
    .command('rotate-ca')
    .description('replace the CA of the server by a new one that the old one certifies')
    .option(...configOption)
    .option('--data <dir>', 'data directory of a stopped server (with DATABASE_URL, servers can keep running)')
    .option('--overlap <time>', 'how long agents also keep the old CA (default: 30d)', parseDurationOption)
    .action(async () => {
      const { rotateCa } = await import('../../server/boot/command/rotate-ca.ts')
      const { overlap = 30 * 86_400_000 } = command.opts<{ readonly overlap?: number }>()
      for (const line of await rotateCa(sharedOptions(command), overlap)) context.out.line(line)
    })
}

const registerRekey: Register = (parent, context) => {
  const command: Command = parent
    .command('rekey')
    .description('encrypt the secrets in the database with a new secret key, while no server runs')
    .option(...configOption)
    .option('--data <dir>', 'data directory of the server')
    .option('--new-key <file>', 'file of the new key, created if missing (required with CHANDLER_SECRET_KEY)')
    .action(async () => {
      const { rekey } = await import('../../server/boot/command/rekey.ts')
      const { newKey } = command.opts<{ readonly newKey?: string }>()
      for (const line of await rekey(sharedOptions(command), newKey)) context.out.line(line)
    })
}

const registerCheck: Register = (parent, context) => {
  const command: Command = parent
    .command('check')
    .description('validate the settings and print what the server would do')
    .option(...configOption)
    .option('--data <dir>', 'data directory of the server')
    .option('--listen <host:port>', 'address to listen on')
    .addOption(new Option('-o, --format <format>', 'output format').choices(formats).default('table'))
    .action(async () => {
      const { checkServer } = await import('../../server/boot/command/check-server.ts')
      const { format } = command.opts<{ format: OutputFormat }>()
      const { listen } = command.optsWithGlobals<Options>()
      const result = await checkServer({ ...sharedOptions(command), ...(listen === undefined ? {} : { listen }) })
      const { file, settings, actions, warnings, problems } = result
      printAnswer(context.out, format, result, () => {
        context.out.line(`settings file: ${file ?? 'none'}`)
        printTable(
          context.out,
          settings,
          [
            { title: 'setting', text: ({ name }) => name },
            { title: 'value', text: ({ value }) => value },
            {
              title: 'source',
              text: ({ source, overrides }) =>
                overrides.length === 0 ? source : `${source} (overrides ${overrides.join(', ')})`,
            },
          ],
          'none',
        )
        if (actions.length > 0) context.out.line('\nThe server:')
        for (const action of actions) context.out.line(`- ${action}`)
      })
      for (const warning of warnings) context.err.line(`warning: ${warning}`)
      for (const problem of problems) context.err.line(`error: ${problem}`)
      if (problems.length > 0) context.exitCode = exitCodes.usage
      else if (format === 'table') context.out.line('\nThe settings are valid.')
    })
}

interface PruneFlags {
  readonly executions?: string
  readonly output?: string
  readonly auditLog?: string
  readonly dryRun?: boolean
  readonly format: OutputFormat
}

const registerPrune: Register = (parent, context) => {
  const command: Command = parent
    .command('prune')
    .description('delete executions, output and audit log entries that are past their retention')
    .option(...configOption)
    .option('--data <dir>', 'data directory of a stopped server (not with DATABASE_URL)')
    .option('--executions <time>', 'retention of ended executions, such as 30d, or forever')
    .option('--output <time>', 'retention of output')
    .option('--audit-log <time>', 'retention of audit log entries')
    .option('--dry-run', 'count the entries without deleting them')
    .addOption(new Option('-o, --format <format>', 'output format').choices(formats).default('table'))
    .action(async () => {
      const { prune } = await import('../../server/boot/command/prune.ts')
      const { format, ...flags } = command.opts<PruneFlags>()
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      const { executions, outputs, auditEntries } = await prune({ ...flags, ...sharedOptions(command) }, stop.signal)
      const answer = { dryRun: flags.dryRun ?? false, executions, outputs, auditEntries }
      printAnswer(context.out, format, answer, () =>
        printFields(context.out, [
          [flags.dryRun ? 'would delete' : 'deleted', undefined],
          ['executions', executions],
          ['outputs of executions', outputs],
          ['audit log entries', auditEntries],
        ]),
      )
      if (!stop.signal.aborted) return
      context.err.line('Interrupted. Run the command again to delete the rest.')
      context.exitCode = exitCodes.failed
    })
}

const registerBackup: Register = (parent, context) => {
  const backup: Command = parent
    .command('backup')
    .description('write database and artifacts of a stopped server into one archive, without the secret key')
    .option(...configOption)
    .option('--data <dir>', 'data directory of the server')
    .requiredOption('--output <file>', 'archive to create (tar.gz); - is standard output')
    .action(async () => {
      const { backUp } = await import('../../server/boot/command/back-up.ts')
      const { output } = backup.opts<{ output: string }>()
      const { sizeBytes, bucket } = await backUp({ ...sharedOptions(backup), output })
      if (bucket !== undefined) context.err.line(`The artifacts are in ${bucket}; the archive does not contain them.`)
      context.err.line(
        `${sizeBytes === undefined ? 'The backup is complete' : `${output}: ${sizeBytes} bytes`}. It does not contain the secret key: keep a copy of secret.key in another place.`,
      )
    })
  const restored: Command = parent
    .command('restore')
    .description('unpack a backup into an empty data directory and verify its secret key')
    .argument('<file>', 'archive of "chandler server backup"; - is standard input')
    .option(...configOption)
    .option('--data <dir>', 'data directory of the server')
    .option('--secret-key <file>', 'file with the secret key of the backed up server')
    .action(async (archive: string) => {
      const { restore } = await import('../../server/boot/command/restore.ts')
      const { secretKey } = restored.opts<{ secretKey?: string }>()
      const createdAt = await restore({
        ...sharedOptions(restored),
        archive,
        ...(secretKey === undefined ? {} : { secretKey }),
      })
      context.out.line(`Restored the backup of ${createdAt.toISOString()}. Start the server.`)
    })
}
