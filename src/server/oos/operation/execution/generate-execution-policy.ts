import { z } from 'zod'
import { missesPermission } from '../../../app/access/authorise.ts'
import { findNamedTemplate } from '../../execution/find-template.ts'
import { defineOperation } from '../../operation.ts'
import { text } from '../../rpc/fields.ts'

/** Actions that a user needs to start a template and to follow its execution. */
const followActions = ['oos:StartExecution', 'oos:ListExecutions', 'oos:ListTaskExecutions', 'oos:CancelExecution']

export const generateExecutionPolicy = defineOperation({
  name: 'GenerateExecutionPolicy',
  state: {
    partly:
      '`MissingPolicy` contains the missing permissions of the caller; `RamRole` is ignored because executions have the permissions of their user',
  },
  parameters: z.strictObject({
    RamRole: text(256).optional(),
    TemplateContent: text().optional(),
    TemplateName: text(200).optional(),
    TemplateVersion: text(64).optional(),
  }),
  resources: ({ TemplateName }) => (TemplateName === undefined ? [] : [`template/${TemplateName}`]),
  async run({ context, actor }, input) {
    const actions = [...followActions, ...findNamedTemplate(input).actions]
    const missing = actions.filter((action) => missesPermission(context, actor, action))
    return { Policy: renderPolicy(actions), MissingPolicy: renderPolicy(missing) }
  },
})

const renderPolicy = (actions: readonly string[]) =>
  JSON.stringify({
    Version: '1',
    Statement: actions.length > 0 ? [{ Effect: 'Allow', Action: actions, Resource: '*' }] : [],
  })
