import type { Command } from 'commander'
import type { CliContext } from '../../context.ts'
import { exitCodes } from '../../exit-code.ts'
import { hasErrors, printLintProblem } from '../../extension/lint-problem.ts'
import { readExtension } from '../../extension/read-extension.ts'
import { type OutputFormat, printAnswer } from '../../output/format.ts'
import { countWithNoun } from '../../output/printable.ts'
import { outputOption, type Register } from '../api-command.ts'

/** Calls no server, so it works before there is one. */
export const registerExtensionLint: Register = (parent, context) => {
  const command: Command = parent
    .command('lint <dir>')
    .description('report errors in an extension folder with file and line, without uploading it')
    .addOption(outputOption())
    .action(async (dir: string) => await lint(context, dir, command.opts<{ output: OutputFormat }>().output))
}

async function lint(context: CliContext, dir: string, format: OutputFormat): Promise<void> {
  const { problems, name } = await readExtension(dir)
  const isWrong = hasErrors(problems)
  // The server assigns `version`; it is present because `create` and `update` use the same form.
  printAnswer(context.out, format, { name: name ?? null, version: null, ok: !isWrong, problems }, () => {
    for (const problem of problems) printLintProblem(context.out, problem)
    const errors = problems.filter(({ severity }) => severity === 'error').length
    const warnings = problems.length - errors
    const found = [
      errors > 0 ? countWithNoun(errors, 'error') : '',
      warnings > 0 ? countWithNoun(warnings, 'warning') : '',
    ]
    context.out.line(`${name ?? dir}: ${found.filter(Boolean).join(', ') || 'no problems'}`)
  })
  if (isWrong) context.exitCode = exitCodes.usage
}
