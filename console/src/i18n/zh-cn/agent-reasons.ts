import { type Action, showVersion } from '../../../../src/core/extension/extension.ts'
import type { AgentReasonArguments, ExitCodeMeaning, RanScript } from '../../../../src/core/install/agent-reason.ts'
import type { InstallStepId } from '../../../../src/core/install/install-step-ids.ts'
import type { ReasonCatalogue } from '../../../../src/core/reason/render-reason.ts'
import { stepReasons } from './agent/step-reasons.ts'
import { trustReasons } from './trust-reasons.ts'

/** The reasons of agents in Chinese. */
export const agentReasons: Pick<ReasonCatalogue, keyof AgentReasonArguments> = {
  ...trustReasons,
  ...stepReasons,

  Installed: ({ version }) => `已安装 ${showVersion(version)}。`,
  InstalledOverBroken: ({ version, broken }) => `已在 ${showVersion(broken)} 的残留之上安装 ${showVersion(version)}。`,
  InstalledOnceMore: ({ version }) => `已重新安装 ${showVersion(version)}。`,
  InstalledChanged: ({ version, over }) => `已使用新的配置和参数重新安装 ${showVersion(version)}${showOver(over)}。`,
  Updated: ({ from, to, over }) => `已从 ${showVersion(from)} 更新到 ${showVersion(to)}${showOver(over)}。`,
  Uninstalled: ({ version }) => `已卸载 ${showVersion(version)}。`,
  CommandSucceeded: () => '命令执行成功。',
  RecordRemoved: ({ version }) => `${showVersion(version)} 没有卸载脚本：已移除其记录，文件仍保留。`,
  WasNotInstalled: () => '未安装，无需卸载。',
  WasInstalled: ({ version, confirmed }) =>
    `${showVersion(version)} 已安装，配置和参数相同${confirmed ? '，并经实例确认' : ''}。`,
  RecordedButMissing: () => '记录为已安装，但实际未安装：',
  Rebooted: () => '实例已重启。',
  RebootRefused: () => '脚本请求重启，但该执行不允许重启，请重启实例。',

  RequestIncomplete: ({ action }) => `服务端请求${actionNames[action] ?? action}，但未说明对象。`,
  NoInstallScript: ({ version }) => `${showVersion(version)} 没有安装脚本，系统包管理器也无法安装其软件包。`,
  TaskNotStarted: () => '任务未启动。',

  OutputScriptOnly: ({ version }) => `${showVersion(version)} 本身已安装。`,
  LeftUnknown: ({ version }) => `${showVersion(version)} 的残留情况未知。`,
  LeftUnknownNotInstalled: ({ version, wanted }) =>
    `${showVersion(version)} 的残留情况未知，${showVersion(wanted)} 未安装。`,
  LeftRemoved: ({ version }) => `${showVersion(version)} 的残留已清除。`,
  LeftNotRemoved: ({ version }) => `随后无法清除 ${showVersion(version)} 的残留：`,
  PutBack: ({ version }) => `已恢复 ${showVersion(version)}。`,
  NotPutBack: ({ version }) => `随后无法恢复 ${showVersion(version)}：`,
  NotPutBackWithoutScript: ({ version }) => `未恢复 ${showVersion(version)}：它没有安装脚本。`,
  PartsOfBoth: ({ from, to }) =>
    `实例上可能同时有 ${showVersion(from)} 和 ${showVersion(to)} 的内容。更新脚本无法撤销，请重新执行更新。`,

  ScriptExited: ({ script, version, exitCode, meaning }) =>
    `${nameScript(script, version)}失败，退出码 ${exitCode}${showMeaning(exitCodeNames[meaning])}。`,
  ScriptExitedLikeSignal: ({ script, version, exitCode, signal }) =>
    `${nameScript(script, version)}失败，退出码 ${exitCode}（与信号 ${signal} 相同）。`,
  ScriptSignalled: ({ script, version, signal }) => `${nameScript(script, version)}被信号 ${signal} 终止。`,
  ScriptTimeOver: ({ script, version, seconds }) =>
    `所有脚本的时限 ${seconds} 秒已到，${nameScript(script, version)}尚未结束，已终止其全部进程。`,
  ScriptCancelled: ({ script, version }) => `任务已取消，已终止${nameScript(script, version)}的全部进程。`,
  ScriptInterrupted: ({ script, version }) =>
    `${nameScript(script, version)}被中断：它与监视它的进程一起被终止，或服务器已关机。执行到何处未知。`,
  ScriptEndedByReboot: ({ script, version }) => `${nameScript(script, version)}运行期间，服务器重启。执行到何处未知。`,
  ScriptEndedByShutdown: ({ script, version }) =>
    `${nameScript(script, version)}运行期间，服务器正在关机。执行到何处未知。`,
  ScriptNotStarted: ({ script, version }) =>
    `${nameScript(script, version)}无法启动：系统未为其创建进程，未执行任何内容。`,
  ScriptSaid: ({ text }) => `其输出：${text}${/[.!?…。！？]$/.test(text) ? '' : '。'}`,
  NoPackageChanged: () => '未变更任何软件包。',
  ChangedBeforeFailure: () => '失败之前：',
  InterruptedCompleted: ({ names }) => `已先完成被中断的安装：${names.join('、')}。`,

  CancelledBeforeStep: ({ step }) => `已取消，尚未开始${stepNames[step] ?? step}。`,
  TimeOverBeforeStep: ({ step, seconds }) => `所有脚本的时限 ${seconds} 秒已到，尚未开始${stepNames[step] ?? step}。`,
  CancelledBeforeAnything: () => '已取消，未执行任何操作。',
  CancelledBeforeReboot: () => '在脚本请求的重启之前已取消，实例未重启。',

  InstanceDiskFull: ({ path }) => `磁盘已满${path ? `（${path}）` : ''}，请清理空间后重试。`,
  AgentNotPermitted: ({ error }) => `Agent 没有权限：${error}。`,
  AgentCouldNotContinue: ({ error }) => `Agent 无法继续：${error}。`,
}

const showOver = (over: boolean) => (over ? '，直接覆盖没有卸载脚本的旧版本' : '')
const showMeaning = (name: string | undefined) => (name ? `（${name}）` : '')

const actionNames: Readonly<Record<Action | 'run', string>> = {
  install: '安装',
  uninstall: '卸载',
  update: '更新',
  run: '执行',
}

const exitCodeNames: Readonly<Record<ExitCodeMeaning, string>> = {
  none: '',
  installationFailed: '安装失败',
  healthCheckFailed: '健康检查失败',
  processIdNotRecorded: '记录进程号失败',
  userScriptFailed: '用户脚本失败',
}

const scriptNames: Readonly<Record<RanScript, (version: string) => string>> = {
  command: () => '命令',
  packages: () => '包管理器',
  install: (version) => `${version} 的安装脚本`,
  uninstall: (version) => `${version} 的卸载脚本`,
  update: (version) => `${version} 的更新脚本`,
  output: (version) => `${version} 的输出脚本`,
  packageInstall: (version) => `包管理器安装 ${version} `,
  packageRemoval: (version) => `包管理器卸载 ${version} `,
}

const nameScript = (script: RanScript, version: number) => scriptNames[script]?.(showVersion(version)) ?? script

const stepNames: Readonly<Record<InstallStepId, string>> = {
  confirmInstalled: '检查已安装的内容',
  prepareWanted: '准备',
  keepPrevious: '下载已安装的版本',
  prepareUninstall: '准备卸载',
  uninstallPrevious: '卸载已安装的版本',
  installWanted: '安装',
  updateWanted: '更新',
  verifyWanted: '验证',
  outputWanted: '执行输出脚本',
  prepareRestore: '准备恢复',
  restorePrevious: '恢复之前的版本',
  verifyPrevious: '验证恢复的版本',
  removeWanted: '清除残留',
  runWanted: '执行',
}
