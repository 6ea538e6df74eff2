import { findInstance } from '../../find-instance.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerInstanceReject: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'reject <instance>',
    'reject an instance that is waiting for approval, and refuse its agent',
    async ({ client, print }, word: string) => {
      const id = await findInstance(client, word)
      await client.instances.reject(id)
      print({ id }, () => context.out.line(`${id} rejected`))
    },
  )
}
