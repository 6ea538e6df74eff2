import { apiCommand, type Register } from '../api-command.ts'

export const registerExecutionDelete: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'delete <id>',
    'delete an ended execution with its tasks and output',
    async ({ client, print }, id: string) => {
      await client.executions.delete(id)
      print({ id }, () => context.out.line(`${id} deleted`))
    },
  )
}
