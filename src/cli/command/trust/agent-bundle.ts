import { readText } from '../../trust/read-text.ts'
import { signWithSsh } from '../../trust/ssh-keygen.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly key?: string
  readonly signature?: string
  readonly arch?: string
  readonly rollback?: true
}

/** `chandler trust sign-agent`: the release key signs the agents of the server. */
export const registerSignAgent: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'sign-agent',
    'sign the agents of the server with the release key; without an option: print the bytes to sign',
    async ({ client, options, print }) => {
      const { key, signature, arch, rollback } = options
      if (key !== undefined && signature !== undefined)
        throw new UsageError('specify either --key or --signature', 'See `chandler trust sign-agent --help`.')
      const { items } = await client.trust.listAgents()
      const agents = items.filter((one) => arch === undefined || one.arch === arch)
      const [first, second] = agents
      if (!first) throw new UsageError(`the server provides no agent${arch === undefined ? '' : ` for ${arch}`}`)
      if (signature !== undefined && second)
        throw new UsageError('the server provides agents for several platforms', 'Use --arch.')
      for (const { arch: each, canonical } of agents) {
        if (key === undefined && signature === undefined) {
          context.out.line(canonical)
          continue
        }
        const namespace = rollback ? 'chandler-rollback' : 'chandler-agent'
        const made = key === undefined ? await readText(signature ?? '') : await signWithSsh(key, namespace, canonical)
        await client.trust.addAgentSignature(each, made)
      }
      if (key === undefined && signature === undefined) return
      print(
        agents.map((one) => ({ arch: one.arch, version: one.version })),
        () => agents.map((one) => context.out.line(`agent ${one.version} for ${one.arch} signed`)),
      )
    },
  )
    .option('--key <file>', 'release key, as of `extension sign`')
    .option('--signature <file>', 'signature of `ssh-keygen -Y sign -n chandler-agent`, instead of --key')
    .option('--arch <name>', 'only this agent: x86_64, arm64 or windows-x86_64')
    .option('--rollback', 'allow instances to replace a newer agent by this one')
}
