import { parseObjectName } from '../../object-name.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerObjectDelete: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'delete <object>',
    'delete an object (BUCKET/KEY); versions created with it keep their file',
    async ({ client, print }, text: string) => {
      const name = parseObjectName(text)
      await client.objects.delete(name)
      print(name, () => context.out.line(`${name.bucket}/${name.key} deleted`))
    },
  )
}
