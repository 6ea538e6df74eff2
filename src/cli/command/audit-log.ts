import { itemsOf } from '../../client/pages.ts'
import type { AuditEntry } from '../../protocol/api/audit-log.ts'
import { showInstant } from '../output/format.ts'
import { printTable } from '../output/table.ts'
import { parseCount } from '../parse-option.ts'
import { apiCommand, type Register } from './api-command.ts'

interface Options {
  readonly limit: number
}

export const registerAuditLog: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'audit-log',
    'who changed what, from where; the newest first',
    async ({ client, options, print }) => {
      const entries: AuditEntry[] = []
      for await (const entry of itemsOf(client.auditLog.list)) {
        entries.push(entry)
        if (entries.length >= options.limit) break
      }
      print(entries, () =>
        printTable(
          context.out,
          entries,
          [
            { title: 'at', text: ({ at }) => showInstant(at) },
            { title: 'who', text: ({ actor }) => actor },
            { title: 'from', text: ({ source }) => source },
            { title: 'action', text: ({ action }) => action },
            { title: 'resource', text: ({ resource }) => resource },
          ],
          'nothing was changed yet',
        ),
      )
    },
  ).option('--limit <n>', 'how many entries', parseCount, 100)
}
