import { apiCommand, type Register } from '../api-command.ts'
import { printState } from './control.ts'

interface Options {
  readonly comment?: string
}

const register =
  (decision: 'approve' | 'reject', description: string): Register =>
  (parent, context) => {
    apiCommand<Options>(parent, context, `${decision} <id>`, description, async (run, id: string) => {
      const { client, options } = run
      const { comment = '' } = options
      return printState(run, decision, await client.executions[decision](id, { comment }))
    }).option('--comment <text>', 'comment for the audit log and the page of the execution')
  }

export const registerExecutionApprove = register(
  'approve',
  'approve the next batch of an execution that another user started and that waits for approval',
)
export const registerExecutionReject = register(
  'reject',
  'reject the next batch of an execution that waits for approval: the gate fails',
)
