import type { ReasonCatalogue } from '../../../../src/core/reason/render-reason.ts'
import type {
  SignedSubject,
  StatementFault,
  TrustRefusalArguments,
  TrustRoleName,
} from '../../../../src/core/trust/trust-refusal.ts'

/** Why an instance with a trust file refuses something, in Chinese. */
export const trustReasons: Pick<ReasonCatalogue, keyof TrustRefusalArguments> = {
  TrustFileMissing: ({ path }) => `信任文件 ${path} 不存在：恢复之前，实例不执行任何操作。`,
  TrustFileUnreadable: ({ path, error }) => `信任文件 ${path} 无法使用，替换之前实例不执行任何操作：${error}。`,
  TrustFileExpired: ({ trustVersion, expired }) =>
    `信任文件版本 ${trustVersion} 已于 ${expired} 过期：在根密钥签署新版本之前，实例不执行任何操作。`,
  SignaturesMissing: ({ subject, name, role, valid, threshold, keys, others }) =>
    unsignable[subject] ??
    `${nameSubject[subject]?.(name)}需要${roleNames[role]}的 ${threshold} 个签名${keys.length > 0 ? `（${keys.join('、')}）` : '，但信任文件未指定相应密钥'}，现有 ${valid} 个。${others.length > 0 ? `其他密钥的签名无效：${others.join('、')}。` : ''}`,
  StatementInvalid: ({ name, error }) => `${name} 的已签名内容无法使用：${error}。`,
  SignedPartDiffers: ({ name, part, which }) => `${name} 在签名后被修改：${nameParts[part]?.(which)}不一致。`,
  NotForInstance: ({ name, requested, own, platform }) =>
    own === ''
      ? `${name} 没有适用于该实例（${platform}）的配置，或该实例不在其适用范围内；服务端请求的是 ${requested}。`
      : `服务端请求了 ${name} 的配置 ${requested}，而适用于该实例（${platform}）的是 ${own}。`,
  OptionNotSigned: ({ name, option }) =>
    `选项 ${option} 不在 ${name} 的发布者签名的内容中${option === 'allowRemovals' ? '，可在版本中声明' : ''}。`,
  ParameterNotSigned: ({ name, parameter, problem }) =>
    `参数 ${parameter} 不符合 ${name} 的发布者签名的声明：${problem}。`,
  InstalledNotSigned: ({ name }) =>
    `${name} 安装时没有签名，因此不执行其脚本。请在服务端为该版本签名，其脚本必须与签名一致。`,
  PlanExpired: ({ executionId, expired }) => `${executionId} 的已签名计划已于 ${expired} 过期：请重新发起执行并签名。`,
  PlanDiffers: ({ executionId, part }) =>
    `审批人为 ${executionId} 签署的计划${planParts[part] ?? `中 ${part} 的值不同`}。`,
  PlanUsed: ({ executionId, invocationId }) =>
    `${executionId} 的签名已由 ${invocationId} 使用（已成功或尚未结束），再次执行需要新的签名。`,
  JournalledUnchecked: () => '实例在获得信任文件之前收到该任务，未启动。',
}

const nameParts: { readonly [Part in StatementFault['part']]?: (which: string) => string } = {
  extension: (which) => `扩展程序 ${which} `,
  configuration: (which) => `配置 ${which} `,
  script: (which) => `${which} 脚本`,
  check: (which) => `检查 ${which} 的脚本`,
}

const planParts: Readonly<Record<string, string>> = {
  execution: '属于另一次执行',
  instance: '不包含该实例',
  work: '不包含该操作',
}

const roleNames: Record<TrustRoleName, string> = {
  publisher: '发布者',
  release: '发行密钥',
  approver: '审批人',
  root: '根密钥',
}

/** What no publisher signs: an instance whose trust file has no approvers never runs it. */
const unsignable: { readonly [Subject in SignedSubject]?: string } = {
  command:
    '命令没有发布者签名，且该实例的信任文件未指定审批人。请将命令放入扩展程序的版本并签名，或在信任文件中添加审批人。',
  osPackages:
    '系统软件包的变更没有发布者签名，且该实例的信任文件未指定审批人。请将变更放入扩展程序的版本并签名，或在信任文件中添加审批人。',
}

const nameSubject: { readonly [Subject in SignedSubject]?: (name: string) => string } = {
  version: (name) => `${name} `,
  rollback: (name) => `${name} 低于实例曾有的版本，回退`,
  agent: (name) => `Agent ${name} `,
  agentRollback: (name) => `Agent ${name} 低于当前版本，回退`,
  plan: (name) => `${name} 的计划`,
}
