import { Argument } from 'commander'
import { type CompletionShell, shells, writeCompletion } from '../completion/write-completion.ts'
import type { Register } from './api-command.ts'

export const registerCompletion: Register = (parent, context) => {
  parent
    .command('completion')
    .description('print a shell completion script: source <(chandler completion bash)')
    .addArgument(new Argument('<shell>', 'shell').choices(shells))
    .action((shell: CompletionShell) => context.out.write(writeCompletion(shell, parent)))
}
