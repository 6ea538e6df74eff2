import { showVersion } from '../../../../../src/core/extension/extension.ts'
import type {
  CheckSeenKind,
  NamedScript,
  NativePackages,
  SimulatedEnd,
  StepReasonArguments,
} from '../../../../../src/core/install/step-reason.ts'
import type { ReasonCatalogue } from '../../../../../src/core/reason/render-reason.ts'

export const stepReasons: Pick<ReasonCatalogue, keyof StepReasonArguments> = {
  PackageKindUnsupported: ({ kind }) => `该 Agent 暂不支持 ${kind} 软件包，请在配置中添加安装脚本和卸载脚本。`,
  PackagesNeedSystem: ({ kind }) => systemTexts[kind],
  PackagesNeedRoot: () => '只有 root 可以安装或卸载系统软件包。请以 root 运行 Agent，或使用不需要 root 的脚本。',
  PackagesNeedAdministrator: () =>
    '只有管理员可以安装或卸载程序。请将 Agent 作为服务运行，或使用不需要管理员权限的脚本。',
  PackageManagerMissing: ({ names }) => `实例上没有 ${names.join('、')}。`,
  PackageNotKept: ({ file }) => `实例上已没有软件包 ${file}，无法比较。`,
  PackageNotFound: ({ name, version, found }) =>
    `未找到软件包 ${name} ${version}：${found === '' ? '未安装' : `已安装的版本为 ${found}`}。`,

  RunAsOnWindows: ({ user, agentUser }) =>
    `脚本指定以 ${user} 运行，但在 Windows 上所有脚本都以 Agent 的用户 ${agentUser} 运行，请移除 runAs。`,
  RunAsNeedsRoot: ({ user, agentUser }) =>
    `脚本指定以 ${user} 运行，只有以 root 运行的 Agent 才能做到；该 Agent 以 ${agentUser} 运行。`,
  RunAsUnknown: ({ user }) => `脚本指定以 ${user} 运行，但实例上没有该用户。`,
  RunAsNeedsSetpriv: ({ user }) =>
    `脚本指定以 ${user} 运行，但实例上没有以其他用户运行脚本所需的程序 setpriv（软件包 util-linux）。`,
  RunAsBlocked: ({ user, path, entry }) => `脚本指定以 ${user} 在 ${path} 中运行，但用户 ${user} 无权进入 ${entry}。`,
  WorkDirMissing: ({ path }) => `脚本指定在 ${path} 中运行，但实例上没有该目录。`,

  InterpreterMissing: ({ script, version, interpreter }) =>
    `${nameScript(script, version)}需要 ${interpreter}，但实例上没有。脚本完全没有执行。`,
  ScriptRefused: ({ script, version, line, error }) =>
    `${nameScript(script, version)}无法执行，第 ${line} 行：${error}。`,
  ParameterNameUnusable: ({ parameter }) =>
    `参数 ${JSON.stringify(parameter)} 无法作为环境变量：只能包含字母、数字、_ 和 -。`,
  ParametersCollide: ({ parameter, other, variable }) => `参数 ${other} 和 ${parameter} 都会成为环境变量 ${variable}。`,
  ParameterHasNul: ({ parameter }) => `参数 ${parameter} 包含空字符，环境变量不支持。`,

  CheckFailed: ({ check, seconds, seen, detail }) =>
    `检查 ${check} 在 ${seconds} 秒内未通过：${seenTexts[seen]?.(detail) ?? seen}。`,

  RebootImpossible: ({ error }) => `无法重启实例：${error}。`,
  RebootTried: ({ count }) => `脚本请求了重启，但实例没有重启：重启命令已执行 ${count} 次。`,
  RebootWithoutEffect: ({ seconds }) => `脚本请求了重启，但实例没有重启：重启命令成功 ${seconds} 秒后实例仍在运行。`,

  JournalUnreadable: () => '无法读取实例上该任务的日志，不清楚执行到了哪一步。',
  Simulated: ({ end }) => simulatedTexts[end],

  PreviousNotKept: ({ version }) =>
    `未改动 ${showVersion(version)}，因为更新失败时将无法恢复它。如不需要恢复，请先卸载 ${showVersion(version)}。`,
  DownloadStopped: () => '下载已停止。',
  DownloadRefused: ({ file, error }) => `无法下载 ${file}：${error}`,
  DownloadTimeOver: ({ file, error, receivedBytes, sizeBytes }) =>
    `无法下载 ${file}：${error}。已收到 ${receivedBytes} 字节（共 ${sizeBytes} 字节），下次从该处继续。`,
  DownloadedOtherContent: ({ file, sha256, expected }) =>
    `两次下载的内容都不是 ${file}：摘要为 ${sha256}，应为 ${expected}。下载的内容未被使用。`,
  DownloadedOtherSize: ({ file, sizeBytes, expected, isMore }) =>
    `两次下载的内容都不是 ${file}：大小${isMore ? '超过' : '为'} ${sizeBytes} 字节，应为 ${expected} 字节。下载的内容未被使用。`,
  DiskSpaceMissing: ({ use, file, path, neededBytes, freeBytes }) =>
    `${use === 'download' ? `下载 ${file} ` : `包含 ${file} 的工作目录`}需要 ${path} 所在磁盘有 ${neededBytes} 字节，但只剩 ${freeBytes} 字节，请清理空间后重试。`,
  ArchiveHoldsItself: ({ file }) => `${file} 包含与归档文件同名的条目。`,
  ArchiveNotUnpacked: ({ kind, error }) => `无法解压 ${kind} 制品：${error}。`,
}

const systemTexts: Readonly<Record<NativePackages, string>> = {
  deb: 'deb 软件包只能安装在 Debian 及其衍生系统上。',
  rpm: 'rpm 软件包只能安装在使用该格式的 Linux 发行版上。',
  msi: 'msi 软件包只能安装在 Windows 上。',
  any: '只能在 Linux 上管理系统软件包。',
}

const simulatedTexts: Readonly<Record<SimulatedEnd, string>> = {
  succeeded: '模拟的脚本执行成功',
  failed: '模拟的脚本按设定的失败率失败',
  timedOut: '模拟的脚本超时',
  cancelled: '执行已取消，模拟的脚本被结束',
}

const scriptTexts: Readonly<Record<NamedScript, (version: string) => string>> = {
  install: (version) => `${version} 的安装脚本`,
  uninstall: (version) => `${version} 的卸载脚本`,
  update: (version) => `${version} 的更新脚本`,
  output: (version) => `${version} 的输出脚本`,
  command: () => '命令',
  packages: () => '包管理器',
  check: () => '检查',
  agentUpgrade: () => 'Agent 的升级',
}

const nameScript = (script: NamedScript, version: number) => scriptTexts[script]?.(showVersion(version)) ?? script

const seenTexts: Readonly<Record<CheckSeenKind, (detail: string) => string>> = {
  nothingNamed: () => '既没有指定名称，也没有指定 PID 文件',
  noProcess: () => '没有该名称的进程',
  noFile: (path) => (path === '' ? '没有该文件' : `没有文件 ${path}`),
  notAFile: () => '不是文件',
  noProcessId: (path) => `${path} 中没有进程号`,
  processEnded: (pid) => `进程 ${pid} 未运行`,
  otherProcess: (pid) => `进程 ${pid} 是其他程序`,
  noAnswer: (host) => `${host} 没有响应`,
  refused: (host) => (host === '' ? '没有程序监听' : `${host} 上没有程序监听`),
  otherDigest: (sha256) => (sha256 === '' ? 'SHA-256 不同' : `SHA-256 为 ${sha256}`),
  status: (status) => `响应的状态码为 ${status}`,
  notInstalled: () => '未安装',
  otherVersion: (version) => `已安装的版本为 ${version}`,
  didNotEnd: () => '没有结束',
  exitCode: (code) => `退出码 ${code}`,
  signal: (signal) => `被信号 ${signal} 结束`,
  interrupted: (quoted) => `被中断${quoted === '' ? '' : `，${quoted}`}`,
  error: (message) => message,
}
