import { Option } from 'commander'
import { generateSshKey, sshKeyKinds } from '../../trust/ssh-keygen.ts'
import type { Register } from '../api-command.ts'

interface Options {
  readonly out?: string
  readonly type: keyof typeof sshKeyKinds
  readonly passphrase: boolean
}

/** `chandler key generate`: a new key on this machine; the server never has it. */
export const registerKeyGenerate: Register = (parent, context) => {
  const command = parent
    .command('generate <name>')
    .description('generate an SSH key for signing, with ssh-keygen, on this machine')
    .option('--out <file>', 'file of the private key (default: NAME in the current directory)')
    .addOption(
      new Option('--type <type>', 'ed25519-sk: on a hardware token, which has to be touched for each signature')
        .choices(Object.keys(sshKeyKinds))
        .default('ed25519'),
    )
    .option('--no-passphrase', 'do not encrypt the private key (ssh-keygen asks for a passphrase otherwise)')
    .action(async (name: string) => {
      const { out = name, type, passphrase } = command.opts<Options>()
      const publicKey = await generateSshKey({ path: out, comment: name, type, passphrase })
      context.out.line(publicKey)
      context.err.line(`The private key is ${out}. Give it a role with:`)
      context.err.line(`  chandler key add ${name} ${out}.pub --role publisher --extension demo`)
    })
}
