import type { ApproverRule } from '../../../core/trust/trust-file.ts'
import { printFields } from '../../output/table.ts'
import { readText } from '../../trust/read-text.ts'
import { readTrust } from '../../trust/read-trust.ts'
import { signWithSsh } from '../../trust/ssh-keygen.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly sign?: readonly string[]
  readonly signature?: readonly string[]
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value]

/** `chandler trust update`: publishes a successor of the trust file of the instances. */
export const registerTrustUpdate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'update <file>',
    'publish a successor of the trust file, for the instances that have one',
    async ({ client, options, print }, path: string) => {
      const content = await readText(path)
      const { version, root } = readTrust(path, content)
      const signatures: string[] = []
      for (const file of options.signature ?? []) signatures.push(await readText(file))
      for (const key of options.sign ?? []) signatures.push(await signWithSsh(key, 'chandler-trust', content))
      if (signatures.length < root.threshold)
        throw new UsageError(
          `${path} needs ${root.threshold} signatures of its root keys (${root.keys.join(', ')})`,
          'Use --sign KEY or --signature FILE once for each.',
        )
      const published = await client.trust.publish(content, signatures)
      print({ version: published.version, signatures: published.signatures.length }, () =>
        context.out.line(`trust file version ${version} published: instances with a lower version get it`),
      )
    },
  )
    .option('--sign <key>', 'sign it with this root key, as of `extension sign` (repeatable)', collect)
    .option('--signature <file>', 'signature of `ssh-keygen -Y sign -n chandler-trust` (repeatable)', collect)
}

/** `chandler trust show`: the published trust file. */
export const registerTrustShow: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'show',
    'show the published trust file; each instance has its own: see `instance show`',
    async ({ client, print }) => {
      const published = await client.trust.get()
      const file = readTrust('the published trust file', published.content)
      print({ ...published, content: JSON.parse(published.content) as unknown }, () =>
        printFields(context.out, [
          ['version', String(file.version)],
          ['expires', file.expires],
          ['published', `${published.createdAt} by ${published.createdBy}`],
          ['root', `${file.root.threshold} of ${file.root.keys.join(', ')}`],
          ...file.publishers.map(
            ({ extensions, threshold, keys }) =>
              ['publisher', `${extensions.join(', ')}: ${threshold} of ${keys.join(', ')}`] as const,
          ),
          ['approver', file.approvers && describeApprovers(file.approvers)],
          ['release', file.release && `${file.release.threshold} of ${file.release.keys.join(', ')}`],
        ]),
      )
    },
  )
}

const describeApprovers = ({ threshold, keys, operations }: ApproverRule) =>
  `${threshold} of ${keys.join(', ')}${operations ? ` for ${operations.join(', ')}` : ''}`
