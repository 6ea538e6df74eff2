import { exitCodes } from '../../exit-code.ts'
import { hasErrors, printLintProblem } from '../../extension/lint-problem.ts'
import { readExtension } from '../../extension/read-extension.ts'
import { uploadExtension } from '../../extension/upload-extension.ts'
import { showBytes } from '../../output/format.ts'
import { countWithNoun } from '../../output/printable.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'

export const registerExtensionCreate: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'create <dir>',
    'make an extension from a folder: check it, upload its package files, print v1',
    (run, dir: string) => upload(run, dir, 'create'),
  )
}

export const registerExtensionUpdate: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'update <dir>',
    'make the next version of an extension from a folder; earlier versions stay as they are',
    (run, dir: string) => upload(run, dir, 'update'),
  )
}

async function upload({ client, context, print }: ApiRun<object>, dir: string, how: 'create' | 'update') {
  const { out, err } = context
  const { problems, draft } = await readExtension(dir)
  for (const problem of problems) printLintProblem(err, problem)
  if (!draft || hasErrors(problems)) {
    err.line(
      `${countWithNoun(problems.filter(({ severity }) => severity === 'error').length, 'error')}: nothing was uploaded`,
    )
    return exitCodes.usage
  }
  const created = await uploadExtension(client, draft, how, {
    uploaded: (file, sizeBytes, existed) =>
      err.line(`${file} (${showBytes(sizeBytes)}) ${existed ? 'is there already' : 'is uploaded'}`),
  })
  print({ name: created.name, version: created.version }, () => out.line(`${created.name} ${created.version}`))
  return exitCodes.success
}
