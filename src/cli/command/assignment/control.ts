import { apiCommand, type Register } from '../api-command.ts'
import { showDesired } from './create.ts'

export const registerAssignmentHalt: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'halt <name>',
    'start nothing until the assignment is resumed; an open execution continues',
    async ({ client, print }, name: string) => {
      const assignment = await client.assignments.halt(name)
      print(assignment, () => context.out.line(`${name} halted`))
    },
  )
}

export const registerAssignmentResume: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'resume <name>',
    'end a halt: earlier failures do not count, and what the group matches now is confirmed',
    async ({ client, print }, name: string) => {
      const assignment = await client.assignments.resume(name)
      print(assignment, () =>
        context.out.line(`${name} resumed: ${showDesired(assignment)} on group ${assignment.group}`),
      )
    },
  )
}

export const registerAssignmentDelete: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'delete <name>',
    'delete an assignment; what its instances have remains',
    async ({ client, print }, name: string) => {
      await client.assignments.delete(name)
      print({ name }, () => context.out.line(`${name} deleted; its instances are unchanged`))
    },
  )
}
