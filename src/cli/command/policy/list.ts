import { itemsOf } from '../../../client/pages.ts'
import type { PolicyView } from '../../../protocol/api/access.ts'
import { showInstant } from '../../output/format.ts'
import { printFields, printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerPolicyList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list policies, including the built-in ones', async ({ client, print }) => {
    const policies: PolicyView[] = []
    for await (const policy of itemsOf(client.policies.list)) policies.push(policy)
    print(policies, () =>
      printTable(
        context.out,
        policies,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'changed', text: showChanged },
          { title: 'description', text: ({ description }) => description },
        ],
        'no policies',
      ),
    )
  }).alias('ls')
  apiCommand(
    parent,
    context,
    'show <name>',
    'show a policy and the users and roles it is attached to',
    async ({ client, print }, name: string) => {
      const policy = await client.policies.get(name)
      print(policy, () => {
        printFields(context.out, [
          ['name', policy.name],
          ['description', policy.description],
          ['changed', showChanged(policy)],
          ['attached to', policy.attachedTo.map((one) => `${one.kind} ${one.name}`).join(', ') || '(none)'],
        ])
        context.out.line(JSON.stringify(policy.document, null, 2))
      })
    },
  )
}

const showChanged = ({ builtIn, updatedAt }: PolicyView) => (builtIn ? 'built in' : updatedAt && showInstant(updatedAt))
