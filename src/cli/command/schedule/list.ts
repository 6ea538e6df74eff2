import { showInstant } from '../../output/format.ts'
import { printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerScheduleList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list the schedules', async ({ client, print }) => {
    const { items } = await client.schedules.list()
    print(items, () =>
      printTable(
        context.out,
        items,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'cron', text: ({ cron, timeZone }) => `${cron} ${timeZone}` },
          { title: 'starts', text: ({ operation }) => operation },
          { title: 'targets', text: ({ targets }) => targets },
          {
            title: 'next',
            text: ({ paused, waiting, upcoming: [next] }) =>
              paused ? 'paused' : waiting ? 'waits for the last execution' : next ? showInstant(next) : 'never',
          },
          { title: 'last', text: ({ lastOutcome, lastAt }) => (lastAt ? `${lastOutcome} ${showInstant(lastAt)}` : '') },
        ],
        'no schedules; create one with `chandler schedule create`',
      ),
    )
  }).alias('ls')
}
