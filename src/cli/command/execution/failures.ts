import { printFields } from '../../output/table.ts'
import { apiCommand, type Register } from '../api-command.ts'

export const registerExecutionFailures: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'failures <id>',
    'list failures, grouped by cause',
    async ({ client, print }, id: string) => {
      const { groups, isComplete } = await client.executions.listFailures(id)
      print(groups, () => {
        if (groups.length === 0) return context.out.line('no failures')
        for (const { key, count, reasonCode, exitCode, lines, samples, hint } of groups) {
          printFields(context.out, [
            [
              'instances',
              `${count}: ${samples.map(({ instanceName }) => instanceName).join(', ')}${count > samples.length ? ', …' : ''}`,
            ],
            ['reason', exitCode === undefined ? reasonCode : `${reasonCode} (exit code ${exitCode})`],
            ...(lines.length === 0
              ? [['message', samples[0]?.reason] as const]
              : lines.map((line) => ['output', line] as const)),
            ['hint', hint?.text],
            ['retry', `chandler execution retry ${id} --failure ${key}`],
          ])
          context.out.line()
        }
        if (!isComplete) context.out.line('smaller groups are not shown')
      })
    },
  )
}
