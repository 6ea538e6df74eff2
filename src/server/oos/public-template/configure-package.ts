import { assumeRole, rateControl, regionId, selectActions, targets } from './fleet-parameters.ts'
import { definePublicTemplate } from './public-template.ts'

/** Installs or removes a package of the operating system (reference §4.4). */
export const configurePackage = definePublicTemplate({
  starts: 'osPackage',
  name: 'ACS-ECS-ConfigurePackage',
  version: 'v1',
  createdAt: '2025-12-15T00:00:00Z',
  description: {
    en: 'Installs or removes a package of the operating system on many instances.',
    'zh-cn': '在多台实例上安装或卸载操作系统软件包',
  },
  parameters: {
    regionId,
    installer: {
      type: 'String',
      description: { en: 'The package manager of the instances.', 'zh-cn': '软件包管理器' },
      default: 'apt-get',
      allowedValues: ['apt-get', 'yum', 'dnf', 'zypper'],
    },
    action: {
      type: 'String',
      description: { en: 'What to do with the package.', 'zh-cn': '对软件包执行的动作' },
      allowedValues: ['install', 'uninstall'],
    },
    targets,
    packageName: {
      type: 'String',
      description: { en: 'Name of the package, as its package manager knows it.', 'zh-cn': '软件包名称' },
    },
    rateControl,
    OOSAssumeRole: assumeRole,
  },
  selectTask: 'getInstance',
  loopTask: {
    name: 'runCommand',
    action: 'ACS::ECS::RunCommand',
    properties: {
      installer: '{{ installer }}',
      action: '{{ action }}',
      packageName: '{{ packageName }}',
    },
    outputs: [{ name: 'commandOutput', field: 'commandOutput' }],
  },
  actions: [...selectActions, 'ecs:RunCommand', 'ecs:DescribeInvocations', 'ecs:DescribeInvocationResults'],
})
