import { apiCommand, type Register } from '../api-command.ts'

export const registerScheduleDelete: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'delete <name>',
    'delete a schedule; its executions continue',
    async ({ client, print }, name: string) => {
      await client.schedules.delete(name)
      print({ name }, () => context.out.line(`${name} deleted`))
    },
  )
}
