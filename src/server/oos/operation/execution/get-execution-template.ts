import { z } from 'zod'
import { chandlerError } from '../../../../core/error/errors.ts'
import { executionId } from '../../execution/labels.ts'
import { templateOf } from '../../execution/origin.ts'
import { readShown } from '../../execution/read-shown.ts'
import { defineOperation } from '../../operation.ts'

export const getExecutionTemplate = defineOperation({
  name: 'GetExecutionTemplate',
  state: 'works',
  parameters: z.strictObject({ ExecutionId: executionId() }),
  resources: ({ ExecutionId }) => [`execution/${ExecutionId}`],
  async run(call, { ExecutionId }) {
    const shown = await readShown(call, ExecutionId)
    if (!shown) throw chandlerError('ExecutionNotFound', { id: ExecutionId })
    const { content, createdAt, description, hash, templateId, name, version } = templateOf(shown.origin)
    const { templateVersion = version } = shown.origin
    return {
      Content: content,
      Template: {
        TemplateId: templateId,
        TemplateName: name,
        TemplateVersion: templateVersion,
        TemplateFormat: 'YAML',
        TemplateType: 'Automation',
        ShareType: 'Public',
        Description: JSON.stringify(description),
        Hash: hash,
        Tags: {},
        CreatedBy: 'chandler',
        CreatedDate: createdAt,
        UpdatedBy: 'chandler',
        UpdatedDate: createdAt,
      },
    }
  },
})
