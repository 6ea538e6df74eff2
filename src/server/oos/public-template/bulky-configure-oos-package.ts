import {
  assumeRole,
  packageName,
  packageVersion,
  rateControl,
  regionId,
  selectActions,
  targets,
} from './fleet-parameters.ts'
import { definePublicTemplate } from './public-template.ts'

/** Installs or removes an extension that needs no parameters (reference §4.4). */
export const bulkyConfigureOosPackage = definePublicTemplate({
  starts: 'extension',
  name: 'ACS-ECS-BulkyConfigureOOSPackage',
  version: 'v1',
  createdAt: '2025-12-15T00:00:00Z',
  description: {
    en: 'Installs or removes an extension on many instances, with the defaults of its parameters.',
    'zh-cn': '在多台实例上安装或卸载扩展程序，参数取默认值',
  },
  parameters: {
    regionId,
    action: {
      type: 'String',
      description: { en: 'What to do with the extension.', 'zh-cn': '对扩展程序执行的动作' },
      default: 'install',
      allowedValues: ['install', 'uninstall'],
    },
    packageName,
    packageVersion,
    targets,
    rateControl,
    OOSAssumeRole: assumeRole,
  },
  selectTask: 'getInstance',
  loopTask: {
    name: 'configurePackage',
    action: 'ACS::ECS::ConfigureOOSPackage',
    properties: {
      action: '{{ action }}',
      packageName: '{{ packageName }}',
      packageVersion: '{{ packageVersion }}',
    },
    outputs: [{ name: 'commandOutput', field: 'commandOutput' }],
  },
  actions: [...selectActions, 'oos:GetTemplate', 'oos:UpdateInstancePackageState', 'oss:GetObject'],
})
