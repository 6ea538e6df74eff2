import { z } from 'zod'
import { recordInstalledState } from '../../../app/agent/record-installed-state.ts'
import { readRequestedExtension } from '../../execution/read-requested-extension.ts'
import { defineOperation } from '../../operation.ts'
import { jsonText, oneOf, text } from '../../rpc/fields.ts'
import { refuseStoreReferences } from '../../rpc/refuse-store-references.ts'
import { templateName } from '../../template/template-fields.ts'

export const updateInstancePackageState = defineOperation({
  name: 'UpdateInstancePackageState',
  state: {
    partly: '`ConfigurationInfo` is refused because nothing shows it; use the output of an execution',
  },
  parameters: z.strictObject({
    InstanceId: text(256),
    TemplateName: templateName(),
    TemplateVersion: text(64).optional(),
    // Templates use `Install` and `UnInstall`, the documentation of this operation uses lower case.
    ConfigureAction: oneOf('install', 'uninstall'),
    Parameters: jsonText(z.record(z.string(), z.unknown()).nullable()).optional(),
  }),
  resources: ({ TemplateName }) => [`template/${TemplateName}`],
  async run(call, { InstanceId, TemplateName, TemplateVersion, ConfigureAction, Parameters }) {
    refuseStoreReferences('Parameters', Parameters)
    const named = { packageName: TemplateName, packageVersion: TemplateVersion, parameters: Parameters }
    const { requested } = await readRequestedExtension(call, ConfigureAction, named, 'Parameters')
    await recordInstalledState(call.context, call.actor, { instance: InstanceId, action: ConfigureAction, requested })
    return {}
  },
})
