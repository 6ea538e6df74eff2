import { Argument } from 'commander'
import { type CompletionShell, shells, writeCompletion } from '../completion/write-completion.ts'
import type { Register } from './api-command.ts'

export const registerCompletion: Register = (parent, context) => {
  parent
    .command('completion')
    .description('print what makes a shell complete commands and options: source <(chandler completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action((shell: CompletionShell) => context.out.write(writeCompletion(shell, parent)))
}
