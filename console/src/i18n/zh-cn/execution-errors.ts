import type { ErrorTexts } from './error-texts.ts'

/** Errors of executions, plans, tasks and notifications, in Chinese. */
export const executionErrors = {
  ExecutionNotFound: {
    text: '当前账号中不存在执行 {id}。',
    next: '使用 `chandler execution list` 查看执行 ID。',
  },
  ExecutionStateConflict: {
    text: '执行 {id} 的状态为 {status}，不能执行操作 {control}。',
    next: '使用 `chandler execution show {id}` 查看其状态。',
  },
  ExecutionRetryRunning: {
    text: '执行 {id} 正在由 {retry} 在相同的实例上重试。',
    next: '等待其结束（`chandler execution show {retry} --follow`），然后重试剩余的失败任务。',
  },
  TimingInvalid: {
    text: '时间窗口“{text}”无效：{reason}。',
    next: '使用日期、时间和时区，例如“Mon-Fri 01:00-05:00 Asia/Shanghai”或“daily 22:00-04:00 UTC”。',
  },
  FreezeInvalid: { text: '冻结 {name} 无效：{reason}。', next: '结束时间必须在将来，且晚于开始时间。' },
  FreezeExists: {
    text: '已有尚未结束的冻结 {name}。',
    next: '使用其他名称，或使用 `chandler freeze delete {name}` 删除。',
  },
  FreezeNotFound: { text: '冻结 {name} 不存在。', next: '使用 `chandler freeze list` 查看冻结。' },
  ExecutionNotApprovable: {
    text: '执行 {id} 不能审批或拒绝：{reason}。',
    next: '使用 `chandler execution show {id}` 查看其等待的内容。',
  },
  ExecutionNotRollbackable: {
    text: '执行 {id} 不能回滚：{reason}。',
    next: '只有扩展程序的安装、更新、卸载及其回滚可以回滚。',
  },
  ExecutionNothingToRollBack: {
    text: '执行 {id} 没有可回滚的变更记录。',
    next: '当前及更高版本的服务端才会记录变更。请创建新的执行。',
  },
  ExecutionRolledBack: {
    text: '执行 {id} 已由 {rollback} 回滚。',
    next: '使用 `chandler execution show {rollback}` 查看结果。使用 `chandler execution retry {rollback}` 重试失败的任务，或将其回滚以恢复 {id} 的变更。',
  },
  PlanChanged: {
    text: '当前计划与计划 {plan} 不同（{difference}）。',
    next: '创建新的计划，确认差异，并使用其摘要启动。',
  },
  PlanNotFound: {
    text: '计划 {id} 已过期，或属于其他用户。',
    next: '请创建新的计划。服务端为每个用户保留最近 20 个计划，保留一小时。',
  },
  TaskNotFound: {
    text: '执行 {id} 没有任务 {task}。',
    next: '使用 `chandler execution show {id}` 查看其任务。',
  },
  TaskStateConflict: {
    text: '任务 {task} 的状态为 {status}，不能执行操作 {control}。',
    next: '执行等待时可以重试或跳过失败的任务。等待中或运行中的任务可以取消。调试模式下可以逐个运行任务。',
  },
  FailureNotFound: {
    text: '执行 {id} 没有失败分组 {key}。',
    next: '使用 `chandler execution failures {id}` 查看失败分组。',
  },
  ExecutionNothingToRetry: { text: '执行 {id} 没有失败或未开始的目标。', next: '请创建新的执行。' },
  ClientTokenReused: {
    text: '客户端令牌已用于另一个请求，该请求启动了 {id}。',
    next: '每个新请求使用新的客户端令牌。使用相同令牌的相同请求会返回原来的结果。',
  },

  WebhookInvalid: {
    text: 'Webhook {name} 无效：{reason}。',
    next: '请参见 `chandler webhook create --help` 和 docs/notifications.md。',
  },
  WebhookExists: {
    text: '已有 Webhook {name}。',
    next: '使用其他名称，或使用 `chandler webhook delete {name}` 删除。',
  },
  WebhookNotFound: { text: 'Webhook {name} 不存在。', next: '使用 `chandler webhook list` 查看 Webhook。' },
  DeliveryNotFound: {
    text: 'Webhook {name} 没有投递 {id}。',
    next: '使用 `chandler webhook deliveries {name}` 查看其投递。',
  },
} satisfies ErrorTexts
