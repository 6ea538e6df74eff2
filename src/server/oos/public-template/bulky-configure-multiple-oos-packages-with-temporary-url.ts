import { assumeRole, orderId, rateControl, regionId, selectActions, targetsOrNobody } from './fleet-parameters.ts'
import { definePublicTemplate } from './public-template.ts'

/**
 * Installs, updates or removes several extensions, on each instance one after the other (reference
 * §4.4).
 */
export const bulkyConfigureMultipleOosPackagesWithTemporaryUrl = definePublicTemplate({
  starts: 'extensions',
  name: 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL',
  version: 'v1',
  createdAt: '2025-12-15T00:00:00Z',
  description: {
    en: 'Installs, updates or removes several extensions on many instances, in the given order on each.',
    'zh-cn': '在多台实例上按顺序安装、更新或卸载多个扩展程序',
  },
  parameters: {
    regionId,
    action: {
      type: 'String',
      description: { en: 'What to do with the extensions.', 'zh-cn': '对扩展程序执行的动作' },
      default: 'install',
      allowedValues: ['install', 'uninstall', 'update'],
    },
    targets: targetsOrNobody,
    orderId,
    rateControl,
    packageInfo: {
      type: 'List',
      description: {
        en: 'The extensions in order: a list of objects with packageName, packageVersion and parameters.',
        'zh-cn': '按顺序排列的扩展程序，每项含 packageName、packageVersion 与 parameters',
      },
    },
    reboot: {
      type: 'Boolean',
      description: {
        en: 'Restart the instances at the end; this server restarts none, so it stays false.',
        'zh-cn': '完成后是否重启，本服务不重启实例，须为 false',
      },
      default: false,
    },
    OOSAssumeRole: assumeRole,
  },
  selectTask: 'getInstanceFromTargets',
  loopTask: {
    name: 'configurePackage',
    action: 'ACS::ECS::ConfigureMultipleOOSPackagesWithTemporaryURL',
    properties: { action: '{{ action }}', packageInfo: '{{ packageInfo }}', reboot: '{{ reboot }}' },
    outputs: [
      { name: 'commandOutput', field: 'commandOutput' },
      { name: 'configurationOutput', field: 'configurationOutput' },
    ],
  },
  actions: [...selectActions, 'oos:GetTemplate', 'oos:UpdateInstancePackageState', 'oss:GetObject'],
})
