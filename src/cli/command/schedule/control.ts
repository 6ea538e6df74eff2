import { showInstant } from '../../output/format.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerScheduleControls: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'pause <name>',
    'start no executions of a schedule until it is resumed',
    async ({ client, print }, name: string) => {
      const schedule = await client.schedules.pause(name)
      print(schedule, () => context.out.line(`${name} paused`))
    },
  )
  apiCommand(
    parent,
    context,
    'resume <name>',
    'resume a schedule; what was due meanwhile is not made up for',
    async ({ client, print }, name: string) => {
      const schedule = await client.schedules.resume(name)
      const [next] = schedule.upcoming
      print(schedule, () => context.out.line(`${name} resumed${next ? `; next ${showInstant(next)}` : ''}`))
    },
  )
}
