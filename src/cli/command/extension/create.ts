import type { Client } from '../../../client/client.ts'
import { exitCodes } from '../../exit-code.ts'
import { hasErrors, printLintProblem } from '../../extension/lint-problem.ts'
import { readExtension } from '../../extension/read-extension.ts'
import { uploadExtension } from '../../extension/upload-extension.ts'
import { showBytes } from '../../output/format.ts'
import { countWithNoun } from '../../output/printable.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'
import { addSignature } from './sign.ts'

interface Options {
  readonly sign?: string
}

const signOption = ['--sign <key>', 'sign the version with this SSH key (see `extension sign`)'] as const

export const registerExtensionCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create <dir>',
    'create an extension from a folder: validate it and upload its package files',
    (run, dir: string) => upload(run, dir, 'create'),
  ).option(...signOption)
}

export const registerExtensionUpdate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'update <dir>',
    'create the next version of an extension from a folder',
    (run, dir: string) => upload(run, dir, 'update'),
  ).option(...signOption)
}

async function upload({ client, context, options, print }: ApiRun<Options>, dir: string, how: 'create' | 'update') {
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
  const { name, version } = created
  if (options.sign !== undefined) await sign(client, { ...created, key: options.sign, from: dir, err })
  print({ name, version }, () => out.line(`${name} ${version}`))
  return exitCodes.success
}

/** The version exists now; a signature can be added later, too. */
async function sign(client: Client, signing: Parameters<typeof addSignature>[1]): Promise<void> {
  try {
    await addSignature(client, signing)
  } catch (error) {
    const { name, version, key, from } = signing
    const how = `Sign it with \`chandler extension sign ${name}@${version} --key ${key} --from ${from}\`.`
    signing.err.line(`${name} ${version} was created and is not signed. ${how}`)
    throw error
  }
}
