import type { TemplateParameter } from './public-template.ts'

// Parameters of every template for many instances (reference §4.1, §5.1, §5.2).

export const regionId: TemplateParameter = {
  type: 'String',
  description: { en: 'Region of the instances; this server has one.', 'zh-cn': '实例所在地域，本服务只有一个地域' },
  default: '{{ ACS::RegionId }}',
  associationProperty: 'RegionId',
}

export const targets: TemplateParameter = {
  type: 'Json',
  description: {
    en: 'Which instances: Type is ResourceIds, Tags, ResourceGroup or All.',
    'zh-cn': '目标实例，Type 可为 ResourceIds、Tags、ResourceGroup 或 All',
  },
  associationProperty: 'Targets',
}

/**
 * OOS has a default here that selects nothing. It is for orders, which this server does not
 * support, so it is refused unless targets are given.
 */
export const targetsOrNobody: TemplateParameter = {
  ...targets,
  default: { Type: 'ResourceIds', ResourceIds: [], RegionId: '{{ regionId }}' },
}

export const orderId: TemplateParameter = {
  type: 'String',
  description: {
    en: 'Order whose instances are meant; this server knows no orders, so it stays empty.',
    'zh-cn': '订单 ID，本服务没有订单，须为空',
  },
  default: '',
}

export const rateControl: TemplateParameter = {
  type: 'Json',
  description: {
    en: 'How many instances at once, and how many may fail.',
    'zh-cn': '并发与批次控制，以及允许的错误数',
  },
  default: { Mode: 'Concurrency', MaxErrors: 0, Concurrency: 10 },
  associationProperty: 'RateControl',
}

export const assumeRole: TemplateParameter = {
  type: 'String',
  description: {
    en: 'Role to act as; empty: the permissions of who starts the execution.',
    'zh-cn': '扮演的 RAM 角色，为空表示使用发起者的权限',
  },
  default: '',
}

export const packageName: TemplateParameter = {
  type: 'String',
  description: { en: 'Name of the extension.', 'zh-cn': '扩展程序名称' },
  associationProperty: 'ALIYUN::OOS::Package::PackageName',
}

export const packageVersion: TemplateParameter = {
  type: 'String',
  description: {
    en: 'Version of the extension, such as v3; empty: the newest.',
    'zh-cn': '扩展程序版本，例如 v3，为空表示最新版本',
  },
  default: '',
  associationProperty: 'ALIYUN::OOS::Package::PackageVersion',
}

/** Actions that every template for many instances requires of its user (reference §4.1). */
export const selectActions = ['ecs:DescribeInstances']
