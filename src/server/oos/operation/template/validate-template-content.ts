import { z } from 'zod'
import { makeVersionError, validateVersion } from '../../../../core/extension/validate-version.ts'
import { defineOperation } from '../../operation.ts'
import { parseContent } from '../../template/parse-content.ts'
import { contentText } from '../../template/template-fields.ts'

/**
 * Checks everything except whether the objects exist, which is checked when a version is created. A
 * package has neither tasks nor outputs.
 */
export const validateTemplateContent = defineOperation({
  name: 'ValidateTemplateContent',
  state: { partly: 'packages only; `TemplateURL` is not supported because the server does not fetch external URLs' },
  parameters: z.strictObject({ Content: contentText() }),
  resources: () => [],
  run: async (_, { Content }) => {
    const { version, parameters } = parseContent(Content)
    const configurations = version.configurations.map((configuration, index) => ({
      id: `c${index + 1}`,
      ...configuration,
    }))
    const problems = validateVersion({ ...version, configurations })
    if (problems.length > 0) throw makeVersionError(problems)
    return { Parameters: JSON.stringify(parameters), Outputs: '{}', RamRole: '', Tasks: [] }
  },
})
