import { assumeRole, rateControl, regionId, selectActions, targets } from './fleet-parameters.ts'
import { definePublicTemplate } from './public-template.ts'

/** Runs a script on many instances (reference §4.5). */
export const bulkyRunCommand = definePublicTemplate({
  starts: 'command',
  name: 'ACS-ECS-BulkyRunCommand',
  version: 'v1',
  createdAt: '2025-12-15T00:00:00Z',
  description: { en: 'Runs a command on many instances.', 'zh-cn': '在多台实例上运行命令' },
  parameters: {
    regionId,
    resourceType: {
      type: 'String',
      description: {
        en: 'Kind of instance; every instance of this server is both.',
        'zh-cn': '实例类型，本服务的实例两者皆可',
      },
      default: 'ALIYUN::ECS::Instance',
      allowedValues: ['ALIYUN::ECS::Instance', 'ALIYUN::ECS::ManagedInstance'],
    },
    targets,
    commandType: {
      type: 'String',
      description: { en: 'What the command is written in.', 'zh-cn': '命令类型' },
      default: 'RunShellScript',
      allowedValues: ['RunShellScript', 'RunPythonScript', 'RunPerlScript', 'RunBatScript', 'RunPowerShellScript'],
    },
    commandContent: {
      type: 'String',
      description: { en: 'The command, as text.', 'zh-cn': '命令内容' },
      maxLength: 16_384,
      associationProperty: 'ALIYUN::OOS::Command::CommandContent',
    },
    workingDir: {
      type: 'String',
      description: {
        en: 'Where it runs; empty: /root on Linux, C:\\Windows\\System32 on Windows.',
        'zh-cn': '运行目录，为空时 Linux 为 /root，Windows 为 C:\\Windows\\System32',
      },
      default: '',
    },
    timeout: {
      type: 'Number',
      description: { en: 'How long it may take, in seconds.', 'zh-cn': '超时时间，单位秒' },
      default: 600,
    },
    enableParameter: {
      type: 'Boolean',
      description: { en: 'Whether {{ name }} in the command is a parameter.', 'zh-cn': '命令中是否包含参数' },
      default: false,
    },
    username: {
      type: 'String',
      description: {
        en: 'Who runs it; empty: root, or System on Windows.',
        'zh-cn': '执行命令的用户，为空时为 root 或 System',
      },
      default: '',
      maxLength: 255,
    },
    windowsPasswordName: {
      type: 'String',
      description: {
        en: 'Name of a stored password of that user on Windows; this server stores none, so it stays empty.',
        'zh-cn': 'Windows 用户密码名称，本服务不保存密码，须为空',
      },
      default: '',
    },
    rateControl,
    OOSAssumeRole: assumeRole,
  },
  selectTask: 'getInstance',
  loopTask: {
    name: 'runCommand',
    action: 'ACS::ECS::RunCommand',
    properties: {
      commandContent: '{{ commandContent }}',
      commandType: '{{ commandType }}',
      workingDir: '{{ workingDir }}',
      timeout: '{{ timeout }}',
      enableParameter: '{{ enableParameter }}',
      username: '{{ username }}',
      windowsPasswordName: '{{ windowsPasswordName }}',
    },
    outputs: [{ name: 'commandOutputs', field: 'commandOutput' }],
  },
  actions: [...selectActions, 'ecs:RunCommand', 'ecs:DescribeInvocations', 'ecs:DescribeInvocationResults'],
})
