import { showInstant } from '../../output/format.ts'
import { parseInstantOption } from '../../parse-option.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly from?: string
  readonly to: string
}

export const registerFreezeCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create <name>',
    'start no tasks in the account for a time; running tasks finish',
    async ({ client, options, print }, name: string) => {
      const { from, to } = options
      const freeze = await client.freezes.create({
        name,
        endsAt: to,
        ...(from === undefined ? {} : { beginsAt: from }),
      })
      print(freeze, () =>
        context.out.line(
          `${name}: nothing starts from ${showInstant(freeze.beginsAt)} to ${showInstant(freeze.endsAt)}`,
        ),
      )
    },
  )
    .option('--from <time>', 'begin, such as 2026-12-20T18:00+01:00 (default: now)', parseInstantOption)
    .requiredOption('--to <time>', 'end, such as 2027-01-04T08:00+01:00', parseInstantOption)
}
