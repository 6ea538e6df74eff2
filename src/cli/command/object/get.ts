import { fileNameOf } from '../../../core/artifact/artifact-object.ts'
import { downloadFile } from '../../download-file.ts'
import { parseObjectName } from '../../object-name.ts'
import { showBytes } from '../../output/format.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerObjectGet: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'get <object> [file]',
    'download an object (BUCKET/KEY) to a file (default: its name in the current directory)',
    async ({ client, print }, text: string, given: string | undefined) => {
      const name = parseObjectName(text)
      const file = given ?? fileNameOf(name.key)
      if (file === '') throw new UsageError(`"${text}" ends with a slash`, 'Add the file name.')
      const object = await client.objects.get(name)
      const sizeBytes = await downloadFile(file, object)
      print({ ...name, file, sha256: object.sha256, sizeBytes }, () =>
        context.out.line(`${file} (${showBytes(sizeBytes)}, sha256 ${object.sha256})`),
      )
    },
  )
}
