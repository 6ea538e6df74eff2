import type { ErrorTexts } from './error-texts.ts'

/** Errors of groups, channels, assignments and schedules, in Chinese. */
export const assignmentErrors = {
  ChannelNotFound: {
    text: '扩展程序“{name}”没有通道 {channel}。',
    next: '使用 `chandler extension promote {name} vN --channel {channel}` 将版本发布到该通道；使用 `chandler extension show {name}` 查看通道。',
  },
  ChannelInvalid: { text: '通道“{channel}”无效：{reason}。', next: '使用 stable 或 beta 之类的名称。' },
  GroupNotFound: {
    text: '分组 {name} 不存在。',
    next: '使用 `chandler group list` 查看分组。资源组写作 resource-group:{name}。',
  },
  GroupExists: {
    text: '已有分组 {name}。',
    next: '使用 `chandler group update {name}` 修改，或使用其他名称。',
  },
  GroupInvalid: {
    text: '分组 {name} 的筛选条件无效：{reason}。',
    next: '使用 os=debian,tag:env=prod 之类的条件（参见 docs/cli.md），或 all。',
  },
  GroupsTooMany: {
    text: '当前账号的分组已达上限 {max}。',
    next: '使用 `chandler group delete NAME` 删除不再使用的分组。',
  },
  SecretNotFound: {
    text: '密钥值 {name} 不存在。',
    next: '使用 `chandler secret set {name}` 设置；使用 `chandler secret list` 查看。',
  },
  SecretInUse: { text: '无法删除密钥值 {name}：{users} 正在引用。', next: '修改引用，或加上 --force 删除。' },
  SecretsTooMany: {
    text: '当前账号的密钥值已达上限 {max}。',
    next: '使用 `chandler secret delete NAME` 删除不再使用的密钥值。',
  },
  ValuesInvalid: {
    text: '扩展 {extension} 的参数值无效：{reason}。',
    next: '使用 `chandler extension show {extension}` 查看参数，使用 `chandler value list` 查看已设置的值。',
  },
  GroupUnconfirmed: {
    text: '分组 {name} 现在匹配全部 {total} 个实例；上次使用时匹配 {known} 个中的 {matching} 个。',
    next: '使用 `chandler group show {name}` 检查。确认无误后，加上 --confirm-targets 再次运行命令。',
  },
  GroupInUse: {
    text: '无法删除分组 {name}：{assignments} 正在使用该分组。',
    next: '使用 `chandler assignment delete NAME` 删除这些分配，或更改其分组。',
  },
  AssignmentNotFound: { text: '分配 {name} 不存在。', next: '使用 `chandler assignment list` 查看分配。' },
  AssignmentExists: { text: '已有分配 {name}。', next: '使用其他名称，或使用 --replace 替换。' },
  AssignmentsTooMany: {
    text: '当前账号的分配已达上限 {max}。',
    next: '使用 `chandler assignment delete NAME` 删除不再使用的分配。',
  },
  ScheduleInvalid: {
    text: '定时计划 {name} 无效：{reason}。',
    next: '使用五个字段的 cron 表达式（例如“0 3 * * 1-5”）和时区（例如 Asia/Shanghai）。',
  },
  ScheduleExists: {
    text: '已有定时计划 {name}。',
    next: '使用其他名称，或使用 `chandler schedule delete {name}` 删除。',
  },
  ScheduleNotFound: { text: '定时计划 {name} 不存在。', next: '使用 `chandler schedule list` 查看定时计划。' },
} satisfies ErrorTexts
