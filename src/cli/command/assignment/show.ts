import type { AssignmentView } from '../../../protocol/api/assignment/assignments.ts'
import { showInstant, showValues } from '../../output/format.ts'
import { printFields, printTable } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'
import { printContradictions, showDesired } from './create.ts'

export const registerAssignmentList: Register = (parent, context) => {
  apiCommand(parent, context, 'list', 'list assignments with their state', async ({ client, print }) => {
    const { items } = await client.assignments.list()
    print(items, () =>
      printTable(
        context.out,
        items,
        [
          { title: 'name', text: ({ name }) => name },
          { title: 'group', text: ({ group }) => group },
          { title: 'desired', text: showDesired },
          {
            title: 'state',
            text: ({ state }) => state,
            style: ({ state }) => (state === 'active' ? 'green' : 'red'),
          },
          { title: 'as desired', text: ({ outcome }) => outcome && `${outcome.asDesired} of ${outcome.members}` },
          { title: 'difference', text: showDifference },
        ],
        'no assignments; create one with `chandler assignment create`',
      ),
    )
  }).alias('ls')
}

export const registerAssignmentShow: Register = (parent, context) => {
  apiCommand(parent, context, 'show <name>', 'show an assignment', async ({ client, print }, name: string) => {
    const assignment = await client.assignments.get(name)
    const { outcome, halt, failure, secretParameters } = assignment
    const secrets = Object.fromEntries(secretParameters.map((one) => [one, '******']))
    print(assignment, () => {
      printFields(context.out, [
        ['name', assignment.name],
        ['description', assignment.description],
        ['desired', `${showDesired(assignment)} on group ${assignment.group}`],
        ['parameters', showValues({ ...assignment.parameters, ...secrets })],
        ['window', assignment.window],
        ['priority', String(assignment.priority)],
        ['repair', assignment.repair ? 'automatic' : undefined],
        [
          'state',
          halt ? `halted ${showInstant(halt.at)}: ${halt.reason}` : failure ? `blocked: ${failure.message}` : 'active',
        ],
        ['as desired', outcome && `${outcome.asDesired} of ${outcome.members} instances`],
        ['difference', showDifference(assignment)],
        ['last execution', assignment.lastExecutionId],
        ['evaluated', assignment.evaluatedAt && showInstant(assignment.evaluatedAt)],
        ['changed', `${showInstant(assignment.updatedAt)} by ${assignment.updatedBy}`],
      ])
      printContradictions(context.out, assignment)
      if (halt) context.out.line(`  to continue: chandler assignment resume ${assignment.name}`)
    })
  })
}

/** `2 different, 1 failed, 3 NotInScope`; empty if every instance is as desired. */
function showDifference({ outcome }: AssignmentView): string {
  if (!outcome) return ''
  const { different, failed, offline, overridden, drifted, leftOut } = outcome
  return Object.entries({ different, failed, offline, overridden, drifted, ...leftOut })
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}
