import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceRelease: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'release <id>',
    'hand work to a quarantined instance again',
    async ({ client, print }, id: string) => {
      await client.instances.release(id)
      print({ id }, () => context.out.line(`${id} is released`))
    },
  )
}
