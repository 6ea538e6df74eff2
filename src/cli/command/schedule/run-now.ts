import { apiCommand, type Register } from '../api-command.ts'

export const registerScheduleRun: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'run <name>',
    'start the execution of a schedule now, also while it is paused',
    async ({ client, print }, name: string) => {
      const { executionId } = await client.schedules.run(name)
      print({ name, executionId }, () => {
        context.out.line(executionId)
        context.err.line(`  to follow it: chandler execution show ${executionId} --follow`)
      })
    },
  )
}
