import { itemsOf } from '../../client/pages.ts'
import { showInstant } from '../output/format.ts'
import { printTable } from '../output/table.ts'
import { parseCount } from '../parse-option.ts'
import { apiCommand, type Register } from './api-command.ts'

export const registerAuditVerify: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'verify',
    'verify that no audit log entry was changed, removed or inserted; exit code 1 if one was',
    async ({ client, print }) => {
      const result = await client.auditLog.verify()
      const { entries, first, last, fault } = result
      print(result, () => {
        const text = fault
          ? `${faults[fault.kind](fault.seq)}${fault.entryId === undefined ? '' : ` (id ${fault.entryId})`}`
          : `${entries} entries verified, from number ${first.seq + 1} to ${last.seq}\nhash of the last entry: ${last.hash}`
        context.out.write(`${text}\n`)
      })
      return fault ? 1 : 0
    },
  )
}

const faults = {
  changed: (seq: number) => `entry ${seq} or the hash before it was changed`,
  removed: (seq: number) => `entries are missing from number ${seq} on`,
  inserted: (seq: number) => `entry ${seq} was inserted`,
}

export const registerAuditExport: Register = (parent, context) => {
  apiCommand<{ readonly after?: number }>(
    parent,
    context,
    'export',
    'print audit log entries with their numbers and hashes as JSON lines, oldest first',
    async ({ client, options: { after } }) => {
      for await (const entry of itemsOf((page) => client.auditLog.chain({ ...page, after })))
        context.out.write(`${JSON.stringify(entry)}\n`)
    },
  ).option('--after <number>', 'start after the entry with this number', parseCount)
}

export const registerAuditReceivers: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'receivers',
    'list the receivers of exports and how far each is',
    async ({ client, print }) => {
      const { items } = await client.auditLog.exports()
      print(items, () =>
        printTable(
          context.out,
          items,
          [
            { title: 'receiver', text: ({ receiver }) => receiver },
            { title: 'delivered', text: ({ seq }) => String(seq) },
            { title: 'behind', text: ({ behind }) => String(behind) },
            { title: 'failed', text: ({ failedAt }) => (failedAt === undefined ? '' : showInstant(failedAt)) },
            { title: 'failure', text: ({ failure = '' }) => failure },
          ],
          'no receivers',
        ),
      )
    },
  )
}
