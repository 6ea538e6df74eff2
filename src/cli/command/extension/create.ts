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
    'create an extension from a folder: validate it and upload its package files',
    (run, dir: string) => upload(run, dir, 'create'),
  )
}

export const registerExtensionUpdate: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'update <dir>',
    'create the next version of an extension from a folder',
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
      err.line(`${file} (${showBytes(sizeBytes)}) ${existed ? 'already exists' : 'uploaded'}`),
  })
  print({ name: created.name, version: created.version }, () => out.line(`${created.name} ${created.version}`))
  return exitCodes.success
}
