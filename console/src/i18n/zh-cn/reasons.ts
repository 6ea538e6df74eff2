import type { TaskReasonCode } from '../../../../src/core/execution/execution.ts'
import type { GateFault } from '../../../../src/core/gate/gate-fault.ts'
import type { GateApprovals, OutcomeItem, OutcomeKind } from '../../../../src/core/reason/reason.ts'
import type { ReasonCatalogue, ReasonJoints } from '../../../../src/core/reason/render-reason.ts'
import { agentReasons } from './agent-reasons.ts'
import { planReasons } from './plan-reasons.ts'

/** What stands between two messages of a reason. */
export const chineseJoints: ReasonJoints = { sentence: '', clause: '；' }

/** The server's reasons in Chinese; `taskReason` names the codes by which an outcome counts. */
export const createChineseReasons = (taskReason: Readonly<Record<TaskReasonCode, string>>): ReasonCatalogue => ({
  ...planReasons,
  ...agentReasons,

  Text: ({ text }) => text,

  Part: ({ number, count, extension }) => `第 ${number}/${count} 部分（${extension}）：`,
  PartDone: ({ number, count, extension }) => `第 ${number}/${count} 部分（${extension}）已完成。`,

  JoinedWithToken: ({ token, address }) => `使用接入令牌 ${token} 从${nameAddress(address)}接入。`,
  KeyReplaced: ({ address }) =>
    `有 Agent 使用已被更换的密钥连接：状态目录被复制，或服务器被恢复到较早的状态。${cameFrom(address)}`,
  FingerprintMissing: ({ address }) =>
    `有 Agent 连接时缺少接入时的部分机器指纹：状态目录被复制，或 Agent 以其他用户运行，或 Agent 版本较旧。${cameFrom(address)}`,
  FingerprintChanged: ({ address }) =>
    `有 Agent 从指纹不同的机器连接：磁盘或状态目录被复制，或服务器的硬件已更换。${cameFrom(address)}`,
  ConnectedTwice: ({ address }) =>
    `两个 Agent 轮流使用该实例的身份连接：状态目录被复制，或服务器在运行中被恢复到较早的状态。${cameFrom(address)}`,

  WaitsForExecution: ({ executionId }) => `等待 ${executionId}，它正在变更该实例上的同一对象。`,
  RetriedBy: ({ user }) => `由 ${user} 重试。`,
  FailedAndSkippedBy: ({ user }) => `失败，由 ${user} 跳过：`,

  Rebooting: () => '脚本请求重启：实例重启后，任务将继续。',

  CancelledBeforeStart: () => '开始前已取消。',
  CancelledBeforeStartBy: ({ user }) => `开始前由 ${user} 取消。`,
  CancelledBeforeDelivery: () => 'Agent 收到任务前已取消：实例上未执行任何操作。',
  CancelledBeforeDeliveryBy: ({ user }) => `Agent 收到任务前由 ${user} 取消：实例上未执行任何操作。`,
  NotStartedBudgetSpent: ({ failed, maxErrors }) => `未开始：失败 ${failed} 个，最多允许 ${maxErrors} 个。`,
  StopUnconfirmed: ({ seconds }) => `已取消，Agent 在 ${seconds} 秒内未确认。`,

  HandOutFailed: ({ error }) => `服务端未能及时下发任务：${error}。实例上未执行任何操作。`,
  HandOutRefused: ({ error }) => `无法下发任务：${error}。实例上未执行任何操作。`,
  RepeatedHandOutRefused: ({ error }) => `任务已下发，Agent 未确认，且无法再次下发：${error}。`,
  DeliveryTimedOut: () => '实例在下发超时时间内未连接，或已被隔离：实例上未执行任何操作。',
  ReceiptUnconfirmed: () => '任务已下发，Agent 未确认收到。',
  LostBeforeStart: () => '失去联系时，Agent 尚未开始执行。',
  LostAfterStart: () => '失去联系时，Agent 已开始执行。',
  RebootTimedOut: ({ minutes }) => `脚本请求重启后，实例在 ${minutes} 分钟内未恢复连接。`,
  UnknownUntilBack: () => '在 Agent 恢复连接之前，实例上的实际情况未知。',
  RemovedBeforeStart: () => 'Agent 收到任务前，实例已被移除：实例上未执行任何操作。',
  RemovedWhileRunning: () => '任务运行期间，实例已被移除。实例上的实际情况未知。',

  LateAnswer: ({ state }) => `Agent 稍后返回了结果：${answers[state] ?? state}。`,
  BackWithoutRecord: () => 'Agent 已恢复连接，但没有该任务的记录：其状态目录已丢失或被还原。实例上的实际情况未知。',
  BackAndNeverReceived: () => 'Agent 已恢复连接，从未收到该任务：实例上未执行任何操作。',

  Accepted: () => '已接受，即将开始。',
  Resumed: () => '已恢复，即将继续。',
  TaskNamed: () => '已选定任务，即将开始。',
  Paused: () => '已暂停，恢复后继续。',
  FailuresToDecide: ({ failed }) => `${failed} 个任务失败。请重试或跳过；恢复执行表示接受失败并继续；也可以取消执行。`,
  NextTaskToName: () => '请选择下一个要运行的任务，或者结束执行、取消执行。',
  FailedTasksToDecide: () => '请重新运行失败的任务、跳过它，或者结束执行。',
  BatchDone: ({ batch, batchCount, next }) => `第 ${batch}/${batchCount} 批已完成，恢复后开始第 ${next} 批。`,
  StartsAt: ({ until }) => `将于 ${showInstant(until)} 开始。`,
  WindowClosed: ({ window, until }) => `将于 ${showInstant(until)} 在维护窗口 ${window} 内继续。`,
  AssignmentHaltedBy: ({ user }) => `由 ${user} 暂停。`,
  AssignmentExecutionStopped: ({ executionId }) => `执行 ${executionId} 已取消、未通过批次间检查或已回滚。`,
  AssignmentBudgetSpent: ({ failed, maxErrors }) => `${failed} 台实例失败，允许失败 ${maxErrors} 台。`,
  AssignmentGroupUnusual: ({ name, total, matching, known }) =>
    `实例组 ${name} 目前包含全部 ${total} 台实例，此前为 ${known} 台中的 ${matching} 台。`,
  AwaitsSignatures: ({ signed, threshold, until }) =>
    `等待审批人签署计划：已有 ${signed} 个签名，需要 ${threshold} 个；${showInstant(until)} 之后不再启动任务。`,
  NotStartedSignaturesExpired: ({ expired }) => `未启动：审批人签名的有效期至 ${showInstant(expired)}。`,
  FrozenUntil: ({ name, until }) => `因变更冻结 ${name}，${showInstant(until)} 之前不会启动任务。`,

  GateSoaks: ({ until }) => `下一批最早于 ${showInstant(until)} 开始。`,
  GateChecked: ({ gate, until }) => `正在检查 ${gate}，截止 ${showInstant(until)}。`,
  GateNeedsApproval: ({ until, ...approvals }) =>
    `等待审批，截止 ${showInstant(until)}：${describeApprovals(approvals)}。`,
  GateTimedOut: ({ gate }) => `检查 ${gate} 未在规定时间内通过。`,
  GateNotApproved: (approvals) => `下一批未在规定时间内获得审批：${describeApprovals(approvals)}。`,
  GateRejected: ({ user }) => `${user} 已拒绝下一批。`,
  GateValue: ({ value }) => `最近一次的值为 ${value}。`,
  GateStatus: ({ status }) => `最近一次响应的状态码为 ${status}。`,
  GateUnanswered: ({ fault }) => gateFaultTexts[fault],
  NotStartedGateFailed: ({ batch }) => `未启动：第 ${batch} 批之后的检查未通过。`,
  BatchOpen: ({ batch, batchCount }) => `正在执行第 ${batch}/${batchCount} 批。`,
  TasksWaitForOthers: ({ count }) => `${count} 个任务正在等待同一实例上的其他执行。`,
  Cancelling: ({ running }) => `正在取消：${running} 个任务正在运行，将被撤回或停止。`,
  BudgetSpent: ({ failed, maxErrors, running }) =>
    `失败 ${failed} 个，最多允许 ${maxErrors} 个：不再开始新任务，正在运行的 ${running} 个任务可以完成。`,
  CompletedAsFailed: () => '已手动结束为失败：',
  Outcome: ({ items }) => renderOutcome(items, taskReason),
  OutcomeSoFar: ({ items }) => `${renderOutcome(items, taskReason)}。`,
})

const nameAddress = (address: string) => (address === '' ? '未知地址' : ` ${address} `)
const cameFrom = (address: string) => `来源：${address || '未知地址'}。`

/** What an agent may answer late (core/execution/invocation.ts). */
const answers: Readonly<Record<string, string>> = {
  succeeded: '成功',
  failed: '失败',
  timedOut: '超时',
  cancelled: '已取消',
}

const outcomeWords: Readonly<Record<OutcomeKind, string>> = {
  succeeded: '成功',
  alreadyAsWanted: '已是目标状态',
  failed: '失败',
  acceptedFailures: '失败（已接受）',
  notInstalled: '未安装',
  leftOut: '未纳入',
  skipped: '跳过',
  cancelled: '取消',
  running: '运行中',
  pending: '待执行',
}

function renderOutcome(items: readonly OutcomeItem[], taskReason: Readonly<Record<TaskReasonCode, string>>): string {
  const texts = items.map(({ kind, count, reasons = [] }) => {
    const named = reasons.map(({ reasonCode, count: n }) => `${taskReason[reasonCode] ?? reasonCode} ${n}`)
    return `${outcomeWords[kind]} ${count}${named.length > 0 ? `（${named.join('，')}）` : ''}`
  })
  return texts.length > 0 ? texts.join('，') : '没有目标'
}

const showInstant = (ms: number) =>
  new Date(ms).toLocaleString('zh-CN', { dateStyle: 'short', timeStyle: 'medium', hour12: false })

function describeApprovals({ approved, count, users, roles = [] }: GateApprovals): string {
  const named = [...users, ...roles.map((role) => `角色为 ${role} 的用户`)]
  return `需要 ${named.length > 0 ? named.join('、') : '其他用户'} 的 ${count} 个审批，已有 ${approved} 个`
}

const gateFaultTexts: Readonly<Record<GateFault, string>> = {
  AddressRefused: '服务器不允许连接该地址，请参阅设置 CHANDLER_OUTBOUND_ALLOW。',
  NoAnswer: '该地址没有响应。',
  AnswerInvalid: '无法解析最近一次响应。',
  AnswerTooLarge: '最近一次响应过大。',
  NoValue: '查询没有返回值。',
}
