import type { ErrorCode } from '../../../../src/core/error/errors.ts'
import { accessErrors } from './access-errors.ts'
import { assignmentErrors } from './assignment-errors.ts'
import type { ErrorText } from './error-texts.ts'
import { executionErrors } from './execution-errors.ts'
import { requestErrors } from './request-errors.ts'

/** The error catalogue (src/core/error/errors.ts) in Chinese: the same codes with the same arguments. */
export const errors: Readonly<Record<ErrorCode, ErrorText>> = {
  ...accessErrors,
  ...assignmentErrors,
  ...executionErrors,
  ...requestErrors,

  ExtensionNotFound: {
    text: '当前账号中不存在扩展程序“{name}”。',
    next: '使用 `chandler extension list` 查看扩展程序名称。',
  },
  ExtensionInvalid: {
    text: '扩展程序无效：{problem}。',
    next: '修正列出的错误；`chandler extension lint DIR` 会显示文件和行号。',
  },
  ExtensionNameInvalid: {
    text: '扩展程序名称无效：{reason}。',
    next: '使用 1 到 200 个字母、数字、连字符和下划线。',
  },
  ExtensionNameReserved: { text: '扩展程序名称被保留：{reason}。', next: '使用其他前缀的名称。' },
  ExtensionNameTaken: {
    text: '当前账号中已有名为“{name}”的扩展程序。',
    next: '使用 `chandler extension update DIR` 为其添加版本，或使用其他名称。',
  },
  ExtensionInUse: {
    text: '无法删除扩展程序“{name}”：{reason}。',
    next: '先卸载并等待执行结束，或强制删除。',
  },
  VersionNotFound: {
    text: '扩展程序“{name}”没有版本 {version}。',
    next: '使用 `chandler extension show {name}` 查看其版本。',
  },
  VersionInUse: {
    text: '无法删除扩展程序“{name}”的版本 {version}：{reason}。',
    next: '先卸载并等待执行结束，或强制删除。',
  },
  VersionDeprecated: {
    text: '扩展程序“{name}”的版本 {version} 已弃用：可以卸载，不能安装。',
    next: '安装其他版本。',
  },
  VersionNotApplicable: {
    text: '无法将扩展程序“{name}”的版本 {version} 记录为已安装在实例 {id} 上：{reason}。',
    next: '指定适用范围包含该实例的版本。',
  },
  ConfigurationAmbiguous: {
    text: '配置 {first} 和 {second} 以相同优先级匹配 {example}。',
    next: '按平台、版本或架构限制其中一个，或将其删除。',
  },

  ArtifactNotFound: {
    text: '软件包 {sha256} 不存在。',
    next: '请先上传文件；`chandler extension create` 和 `update` 会自动上传。',
  },
  ArtifactEmpty: { text: '软件包“{fileName}”为空。', next: '请上传软件包文件。' },
  ArtifactTooLarge: {
    text: '软件包超过 {maxBytes} 字节。',
    next: '减小软件包，或在安装脚本中下载大文件。',
  },
  ArtifactDigestMismatch: {
    text: '收到的数据的 SHA-256 为 {actual}，应为 {expected}。',
    next: '请重试。如果仍然出错，说明文件在上传过程中被修改，或连接损坏了数据。',
  },
  ArtifactUrlInvalid: { text: '下载地址没有该服务端的有效签名。', next: '请重新获取地址；下载地址不能修改。' },
  ArtifactUrlExpired: { text: '下载地址已过期。', next: '请重新获取地址。' },
  ArtifactRangeInvalid: {
    text: '软件包有 {sizeBytes} 字节，请求的范围不在其中。',
    next: '请求软件包内的一个字节范围，或整个软件包。',
  },

  ParameterInvalid: { text: '参数 {name} 无效：{reason}。', next: '使用参数声明允许的值。' },
  ParameterMissing: { text: '缺少参数 {name}，且没有默认值。', next: '使用 `--param {name}=VALUE` 设置。' },
  ParameterUnknown: {
    text: '参数 {name} 未知：{reason}。',
    next: '删除该参数或更正其名称；`chandler extension show` 会列出已声明的参数。',
  },

  TargetsEmpty: { text: '目标“{selector}”不匹配任何实例。', next: '使用 `chandler instance list` 查看实例。' },
  TargetsNotFound: {
    text: '以下目标不存在：{missing}。',
    next: '删除或更正目标；使用 `chandler instance list` 查看实例。',
  },
  ResourceGroupNotFound: {
    text: '当前账号中不存在资源组“{group}”。',
    next: '使用 `chandler instance list -o json` 查看实例的资源组，或使用 `--group {group}` 将资源加入该组。',
  },
  TargetsAmbiguous: {
    text: '多个实例的名称相同：{matches}。',
    next: '使用实例 ID（id:i-…）选择，或重命名其中一个，或使用 `chandler instance remove ID` 移除不再存在的实例。',
  },
  TargetsNotApproved: {
    text: '以下实例正在等待审批：{instances}。',
    next: '使用 `chandler instance approve ID` 审批，或从目标中移除。',
  },
  TargetsTooMany: {
    text: '目标匹配 {count} 个实例，一次执行最多 {max} 个。',
    next: '按标签或资源组拆分为多次执行。',
  },
  SelectorInvalid: {
    text: '目标选择“{selector}”无效：{reason}。',
    next: '使用 all、id:i-1,i-2、name:a,b、tag:k=v[,k2=v2]、group:NAME、filter:CONDITIONS，或在命令行中使用 file:ids.csv。',
  },
  RateControlInvalid: {
    text: '速率控制无效：{field}：{reason}。',
    next: '使用数字（例如 5）或百分比（例如 10%）；批次还可以是 group:NAME。',
  },

  InstanceNotFound: { text: '当前账号中不存在实例 {id}。', next: '使用 `chandler instance list` 查看实例 ID。' },
  InstanceAmbiguous: {
    text: '两个实例报告了相同的云实例 ID {id}：{first} 和 {second}。',
    next: '使用 Chandler 的实例 ID。',
  },
  InstanceBusy: { text: '实例 {id} 正在被 {execution} 使用。', next: '等待执行结束，或取消执行。' },
  InstanceNotPending: {
    text: '实例 {id} 不在等待审批。',
    next: '使用 `chandler instance show {id}` 查看其状态。',
  },
  InstanceNotQuarantined: {
    text: '实例 {id} 未被隔离。',
    next: '使用 `chandler instance show {id}` 查看其状态。',
  },
  InstanceNameTaken: {
    text: '名为“{name}”的实例 {id} 在线。',
    next: '以其他名称（`--name`）接入该机器，或先停止另一个实例的 Agent 或移除该实例。',
  },
  TagNotAllowed: {
    text: '接入令牌不允许 Agent 设置标签“{key}”。',
    next: '删除该标签并在服务端设置（`chandler instance tag`），或使用 `chandler token create --allow-tag {key}` 或 `--tag {key}=VALUE` 创建令牌。',
  },
  TagsInvalid: {
    text: '标签无效：{reason}。',
    next: '最多 32 个标签，键为 1 到 128 个字符，值最多 128 个字符。',
  },
  JoinTokenNotFound: {
    text: '当前账号中不存在接入令牌 {id}。',
    next: '使用 `chandler token list` 查看接入令牌。',
  },
  JoinTokenInvalid: { text: '接入令牌无效。', next: '使用 `chandler token create` 创建令牌。' },
  JoinTokenExpired: {
    text: '接入令牌已于 {expiredAt} 过期。',
    next: '使用 `chandler token create --ttl 1h` 创建新令牌。',
  },
  JoinTokenUsedUp: {
    text: '接入令牌已达到 {uses} 次的使用上限。',
    next: '使用 `chandler token create --uses N` 创建新令牌。',
  },
  JoinTokenRevoked: { text: '接入令牌已吊销。', next: '使用 `chandler token create` 创建新令牌。' },
  InstanceRemoved: {
    text: '使用该密钥的实例已被移除。',
    next: '要再次添加该机器，请将其作为新实例接入：使用接入令牌和空的状态目录启动 Agent。',
  },
  AgentProofInvalid: {
    text: 'Agent 的签名与其实例的密钥不匹配。',
    next: '将该机器作为新实例接入。克隆的磁盘或复制的 ID 不是有效身份。',
  },
  AgentBundleUnavailable: {
    text: '服务端无法提供适用于 {arch} 的 Agent：{reason}。',
    next: '在服务端排除原因，或在项目的检出目录中使用 `chandler agent` 运行 Agent。',
  },
  ProtocolVersionUnsupported: {
    text: 'Agent 使用协议版本 {version}，服务端支持 {supported}。',
    next: '升级 Agent 或服务端中较旧的一个。',
  },
}
