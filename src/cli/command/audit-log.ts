import { itemsOf } from '../../client/pages.ts'
import type { AuditEntry } from '../../protocol/api/audit-log.ts'
import { showInstant } from '../output/format.ts'
import { printTable } from '../output/table.ts'
import { parseCount, parseInstantOption } from '../parse-option.ts'
import { apiCommand, type Register } from './api-command.ts'

interface Options {
  readonly by?: string
  readonly action?: string
  readonly resource?: string
  readonly source?: string
  readonly accessKey?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
}

export const registerAuditLog: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'audit-log',
    'list audit log entries, newest first',
    async ({ client, options, print }) => {
      const entries: AuditEntry[] = []
      const { by: actor, action, resource, source, accessKey: accessKeyId, from, to } = options
      for await (const entry of itemsOf((page) =>
        client.auditLog.list({ ...page, actor, action, resource, source, accessKeyId, from, to }),
      )) {
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
            { title: 'key', text: ({ accessKeyId }) => accessKeyId ?? '' },
            { title: 'action', text: ({ action }) => action },
            { title: 'resource', text: ({ resource }) => resource },
          ],
          'no audit log entries',
        ),
      )
    },
  )
    .option('--by <name>', 'filter by user')
    .option('--action <action>', 'filter by action, such as CreateExtension')
    .option('--resource <resource>', 'filter by resource or resource prefix, such as extension/')
    .option('--source <address>', 'filter by source address')
    .option('--access-key <id>', 'filter by access key')
    .option('--from <time>', 'start time (inclusive), such as 2026-01-31 or 2026-01-31T08:00:00Z', parseInstantOption)
    .option('--to <time>', 'end time (exclusive)', parseInstantOption)
    .option('--limit <n>', 'maximum number of entries', parseCount, 100)
}
