import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { digestFile } from '../../../lib/digest.ts'
import { parseObjectName } from '../../object-name.ts'
import { showBytes } from '../../output/format.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerObjectPut: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'put <file> <object>',
    'upload a file as BUCKET/KEY, replacing an existing object; BUCKET/ uses the file name as key',
    async ({ client, print }, file: string, text: string) => {
      const name = parseObjectName(text, basename(file))
      const { sha256, sizeBytes } = await digestFile(file)
      const object = await client.objects.put(name, { sha256, sizeBytes, open: () => open(file) })
      print(object, () =>
        context.out.line(`${object.bucket}/${object.key} (${showBytes(object.sizeBytes)}, sha256 ${object.sha256})`),
      )
    },
  )
}
