import {
  assumeRole,
  orderId,
  packageName,
  packageVersion,
  rateControl,
  regionId,
  selectActions,
  targetsOrNobody,
} from './fleet-parameters.ts'
import { definePublicTemplate } from './public-template.ts'

/**
 * Installs, updates or removes an extension; the instances download its package from signed URLs
 * (reference §4.1).
 */
export const bulkyConfigureOosPackageWithTemporaryUrl = definePublicTemplate({
  starts: 'extension',
  name: 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL',
  version: 'v30',
  createdAt: '2025-12-15T00:00:00Z',
  description: {
    en: 'Installs, updates or removes an extension on many instances; its package is fetched from a temporary address.',
    'zh-cn': '通过临时地址在多台实例上安装、更新或卸载扩展程序',
  },
  parameters: {
    regionId,
    action: {
      type: 'String',
      description: { en: 'What to do with the extension.', 'zh-cn': '对扩展程序执行的动作' },
      default: 'install',
      allowedValues: ['install', 'uninstall', 'update'],
    },
    packageName,
    packageVersion,
    targets: targetsOrNobody,
    orderId,
    rateControl,
    parameters: {
      type: 'Json',
      description: { en: 'Values of the parameters of the extension.', 'zh-cn': '扩展程序的参数' },
      default: {},
      associationProperty: 'TemplateParameter',
    },
    OOSAssumeRole: assumeRole,
  },
  selectTask: 'getInstanceFromTargets',
  loopTask: {
    name: 'configurePackage',
    action: 'ACS::ECS::ConfigureOOSPackageWithTemporaryURLFullActions',
    properties: {
      action: '{{ action }}',
      packageName: '{{ packageName }}',
      packageVersion: '{{ packageVersion }}',
      parameters: '{{ parameters }}',
    },
    outputs: [
      { name: 'commandOutput', field: 'commandOutput' },
      { name: 'configurationOutput', field: 'configurationOutput' },
    ],
  },
  actions: [...selectActions, 'oos:GetTemplate', 'oos:UpdateInstancePackageState', 'oss:GetObject'],
})
