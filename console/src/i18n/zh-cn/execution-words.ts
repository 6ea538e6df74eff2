import { taskStatuses } from '../../../../src/core/execution/execution.ts'
import { isKnownReason, renderReason } from '../../../../src/core/reason/render-reason.ts'
import type { Catalogue } from '../catalogue.ts'
import type { ExplainedChange, ExplainedReason, executionWords as english } from '../en/execution-words.ts'
import { chineseJoints, createChineseReasons } from './reasons.ts'

const names: Omit<
  typeof english,
  'gateName' | 'explainTask' | 'explainReason' | 'explainExecution' | 'explainPlanChange'
> = {
  executionStatus: {
    Started: '已开始',
    Queued: '排队中',
    Running: '运行中',
    Waiting: '等待处理',
    Success: '成功',
    Failed: '失败',
    Cancelled: '已取消',
  },
  taskStatus: {
    Pending: '待执行',
    Running: '运行中',
    Rebooting: '重启中',
    Success: '成功',
    Failed: '失败',
    Cancelled: '已取消',
    Skipped: '已跳过',
  },
  executionReason: {
    Accepted: '已受理',
    Dispatching: '正在执行任务',
    WaitingForOtherExecution: '等待其他执行结束',
    PausedByUser: '用户已暂停',
    BatchPause: '下一批次待审批',
    FailurePause: '失败任务待处理',
    DebugPause: '等待下一步',
    NotYet: '已计划',
    OutsideWindow: '不在维护窗口内',
    Frozen: '变更冻结中',
    AwaitingSignatures: '等待审批人签名',
    SignaturesExpired: '未在有效期内签名',
    GateWait: '等待批次间检查',
    GateFailed: '批次间检查未通过',
    AllSucceeded: '所有任务均成功',
    NothingToDo: '无需变更',
    TargetsLeftOut: '计划的变更均成功，部分目标未纳入',
    FailuresAccepted: '成功，失败次数未超过最大错误次数',
    TargetsFailed: '部分任务失败',
    TargetsSkipped: '部分目标未纳入',
    ErrorBudgetSpent: '已超过最大错误次数',
    CancelRequested: '正在取消',
    CancelledByUser: '用户已取消',
    CompletedAsFailed: '已结束，结果为失败',
  },
  taskReason: {
    Planned: '已计划',
    AlreadyAsWanted: '已处于目标状态',
    NotInScope: '不在扩展程序的适用范围内',
    NoConfiguration: '没有匹配的配置',
    NotInstalled: '未安装',
    Offline: '离线，未纳入',
    NotApplicable: '不适用',
    ChangedSince: '在被回滚的执行之后已变更',
    ParametersUnfit: '已安装的参数值不适用于该版本',
    Quarantined: '实例已隔离',
    UserNotPermitted: '无权限',
    WaitingForOtherExecution: '等待其他执行结束',
    Dispatched: '已发送到实例',
    Rebooting: '正在重启',
    CancelRequested: '正在取消',
    Succeeded: '成功',
    RebootRequired: '成功，需要重启',
    ScriptFailed: '脚本执行失败',
    ScriptTimedOut: '脚本超时',
    VerifyFailed: '验证失败',
    DownloadFailed: '下载失败',
    ArtifactMismatch: '软件包校验值不一致',
    DiskFull: '磁盘已满',
    InterpreterMissing: '未找到解释器',
    NotPermitted: '在实例上没有权限',
    Unsupported: 'Agent 不支持',
    Interrupted: '被中断',
    RebootFailed: '重启失败',
    RestoreFailed: '无法恢复之前的状态',
    AgentError: 'Agent 错误',
    AccessDenied: '访问被拒绝',
    Unreachable: '实例无法连接',
    NotHandedOut: '服务端无法下发任务',
    Lost: '未收到结果',
    RebootTimedOut: '实例重启后未恢复',
    InstanceRemoved: '实例已移除',
    ErrorBudgetSpent: '未启动：已超过最大错误次数',
    GateFailed: '未启动：批次间检查未通过',
    SignaturesExpired: '未启动：未在有效期内签名',
    CancelledByUser: '用户已取消',
    CancelUnconfirmed: '已取消，实例未确认',
    SkippedByUser: '用户已跳过',
  },
  hints: {
    PackageLock: '实例上有其他包管理器进程正在运行（可能是自动更新），请等待其结束后重试。',
    DiskFull: '文件系统已满，请清理空间后重试。',
    CommandNotFound: '脚本调用的程序不存在，请先安装该程序，或使用完整路径调用。',
    PermissionDenied: '没有读取、写入或执行权限，请检查文件权限、noexec 挂载选项以及 runAs。',
    ConnectionRefused: '无法连接到目标，请检查防火墙以及对端是否正在监听。',
    NameNotResolved: '主机名无法解析，请检查实例的 DNS 设置。',
    TimedOut: '执行超时，请检查脚本在等待什么，或者增大超时时间（timeoutMs）。',
    PortInUse: '端口已被其他进程占用，请停止该进程或更换端口。',
    OutOfMemory: '内存不足，请释放内存或升级实例规格。',
    PackageNotFound: '实例的软件源中没有该软件包，请检查名称并更新软件源。',
    DependencyMissing: '缺少依赖或依赖版本不符，请先安装依赖。',
    CertificateInvalid: '证书校验失败，请检查实例的时钟和 CA 证书。',
    FileMissing: '脚本引用的文件不存在，请核对路径与软件包的内容。',
    SyntaxError: 'Shell 无法解析该脚本，请检查脚本首行和换行符。',
  },
  invocationState: {
    queued: '排队中',
    sent: '已发送',
    accepted: '已受理',
    waiting: '等待执行',
    downloading: '下载中',
    running: '运行中',
    verifying: '验证中',
    rebooting: '重启中',
    succeeded: '成功',
    failed: '失败',
    timedOut: '超时',
    cancelled: '已取消',
    withdrawn: '已撤回',
    lost: '未收到结果',
  },
}

const chineseReasons = createChineseReasons(names.taskReason)

/** In Chinese as far as it is the server's: what agents and scripts said stays as it is, and so do reasons of earlier releases. */
const explainReason = ({ reason, reasonMessages: messages }: ExplainedReason) =>
  messages && isKnownReason(chineseReasons, messages) ? renderReason(chineseReasons, messages, chineseJoints) : reason

function explainPlanChange({ message, before, after }: ExplainedChange): string {
  const [was, is] = [before, after].map((reason) => reason && explainReason({ reason: '', reasonMessages: reason }))
  if (was && is) return `${was} → ${is}`
  return is ? `新增：${is}` : was ? `不再是目标：${was}` : message
}

/** Text of agents, scripts and earlier releases is shown as it came. */
const isTranslated = ({ reasonMessages: messages = [] }: ExplainedReason) =>
  messages.length > 0 && isKnownReason(chineseReasons, messages) && messages.every(({ code }) => code !== 'Text')

/** The final counts are in the reason itself. */
const hasOutcome = ({ reasonMessages = [] }: ExplainedReason) =>
  reasonMessages.some(({ code }) => code === 'Outcome' || code === 'OutcomeSoFar')

export const executionWords: Pick<Catalogue['executions'], keyof typeof english> = {
  ...names,
  gateName: (text) => {
    const [kind = '', rest = ''] = /^(?:soak|approval):/.test(text) ? text.split(':') : [text.split(':')[0]]
    const [first = ''] = rest.split(' ')
    switch (kind) {
      case 'soak':
        return `等待 ${first}`
      case 'http':
        return 'HTTP'
      case 'prometheus':
        return 'Prometheus'
      case 'approval':
        return `${first} 个审批`
      default:
        return text
    }
  },
  // A reason that is wholly in Chinese says what its code says.
  explainTask: (task) =>
    isTranslated(task)
      ? explainReason(task)
      : [names.taskReason[task.reasonCode], explainReason(task)].filter(Boolean).join('：'),
  explainReason,
  explainPlanChange,
  explainExecution: ({ counts, ...explained }) => {
    const reason = explainReason(explained)
    if (hasOutcome(explained)) return reason
    const shown = taskStatuses.filter((status) => (counts[status] ?? 0) > 0)
    const words = shown.map((status) => `${names.taskStatus[status]} ${counts[status]}`).join('，')
    return reason === '' ? words : `${words}（${reason}）`
  },
}
