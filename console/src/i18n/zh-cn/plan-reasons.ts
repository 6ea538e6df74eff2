import type { CommandType, OsPackageAction } from '../../../../src/core/execution/operation.ts'
import type { ValueSource } from '../../../../src/core/extension/declared-values.ts'
import type { ShownChange } from '../../../../src/core/extension/effective-parameters.ts'
import { showVersion } from '../../../../src/core/extension/extension.ts'
import type { OsFamily } from '../../../../src/core/instance/facts.ts'
import type { PlanReasonArguments } from '../../../../src/core/plan/plan-reason.ts'
import { createFaultTexts, type ReasonCatalogue } from '../../../../src/core/reason/render-reason.ts'
import { valueFaults } from './value-faults.ts'

/** The reasons of plans in Chinese. */
export const planReasons: Pick<ReasonCatalogue, keyof PlanReasonArguments> = {
  InstallsNew: ({ version }) => `未安装，将安装 ${showVersion(version)}`,
  InstallsOverBroken: ({ from, version }) => `上次变更（${showVersion(from)}）未完成，将安装 ${showVersion(version)}`,
  InstallsAgain: () => '将重新安装',
  InstanceConfirms: () => '由实例确认',
  Uninstalls: ({ version }) => `将卸载 ${showVersion(version)}`,
  UninstallsBroken: ({ version }) => `上次变更未完成，将卸载 ${showVersion(version)}`,
  RunsScript: () => '将执行脚本',
  RunsPackageManager: ({ installer, action, names, more }) =>
    `${nameInstaller(installer)}将${packageVerbs[action]} ${listNames(names, more)}`,
  AgentChanges: ({ from, to }) => `Agent ${from} → ${to}`,

  VersionChanges: ({ from, to }) => `${showVersion(from)} → ${showVersion(to)}`,
  ConfigurationChanges: ({ version, from, to }) => `${showVersion(version)}：配置 ${from} → ${to}`,
  ContentDiffers: ({ version }) => `${showVersion(version)}：内容与已安装的同号版本不同`,
  ParametersChange: ({ changes, more }) => listNames(changes.map(showChange), more),
  ParametersDiffer: () => '参数不同',

  AlreadyInstalled: ({ version }) => `已安装 ${showVersion(version)}，配置和参数相同`,
  SecretsNotCompared: () => '仅对有权启动执行的用户比较敏感参数',
  NotInstalled: () => '未安装',
  NothingToUpdate: () => '未安装，更新仅适用于已安装的实例',
  AgentIsCurrent: ({ program }) => `已是 ${program}`,

  OfflineWhenPlanned: () => '生成计划时离线，否则：',
  InstanceNotPermitted: ({ action, instanceId }) => `无权限：您没有对 instance/${instanceId} 执行 ${action} 的权限`,
  InstanceQuarantined: ({ instanceId }) => `已隔离，请在实例 ${instanceId} 的页面处理`,
  UninstallScriptRefused: ({ version, line, column }) =>
    `无法移除 ${showVersion(version)}：不接受其卸载脚本第 ${line} 行第 ${column} 列的占位符，请更新到带有更新脚本的版本`,
  CommandNeedsOs: ({ type, os, instanceOs }) =>
    `${commandNames[type] ?? type}只能在 ${systems[os] ?? os} 上运行，该实例为 ${systems[instanceOs] ?? instanceOs}`,
  PackagesNeedOs: ({ installer, os, instanceOs }) =>
    `${nameInstaller(installer)}只能在 ${systems[os] ?? os} 上运行，该实例为 ${systems[instanceOs] ?? instanceOs}`,
  NoAgentForOs: ({ os }) => `没有适用于 ${systems[os] ?? os} 的 Agent`,
  NoAgentForArch: ({ os, arch }) => `该服务端没有适用于 ${systems[os] ?? os} ${arch || '未知架构'} 的 Agent`,
  AgentNotUpgradable: () => '其 Agent 无法自行升级，请在服务器上重新执行安装命令',
  AgentIsNewer: ({ installed, version }) => `其 Agent ${installed} 比该服务端的版本 ${version} 更新`,

  FamilyUnknown: ({ allowed, more }) => `实例规格族未知（没有云元数据），适用范围要求 ${listNames(allowed, more)}`,
  FamilyNotInScope: ({ family, allowed, more }) => `实例规格族 ${family} 不在适用范围内：${listNames(allowed, more)}`,
  ImageTypeUnknown: ({ allowed, more }) => `镜像类型未知（没有云元数据），适用范围要求 ${listNames(allowed, more)}`,
  ImageTypeNotInScope: ({ imageType, allowed, more }) =>
    `镜像类型 ${imageType} 不在适用范围内：${listNames(allowed, more)}`,
  PlatformNotInScope: ({ platform, version, allowed, more }) =>
    `${[platform || '未知平台', version].filter(Boolean).join(' ')} 不在适用范围内：${listNames(allowed, more)}`,
  VersionBelow: ({ platform, version, range }) => `${platform} ${version} 低于 ${range}`,
  VersionAbove: ({ platform, version, range }) => `${platform} ${version} 高于 ${range}`,
  VersionDiffers: ({ platform, version, range }) => `${platform} ${version} 不符合 ${range}`,
  VersionNotComparable: ({ platform, version }) => `${platform} 的版本无法比较：${version}`,
  VersionUnknown: ({ platform, range }) => `${platform} 没有版本号（可能是滚动发行版），无法与 ${range} 比较`,
  VersionRangeInvalid: ({ platform, range }) => `${platform} 的版本范围无效：${range}`,

  NoConfigurations: () => '该版本没有配置',
  NoInstallableVersion: () => '所有版本均已弃用',
  ConfigurationNeedsOs: ({ configuration, os, instanceOs }) =>
    `配置 ${configuration} 适用于 ${systems[os] ?? os}，该实例为 ${systems[instanceOs] ?? instanceOs}`,
  ConfigurationNeedsArch: ({ configuration, os, arch, instanceArch }) =>
    `配置 ${configuration} 适用于 ${systems[os] ?? os} ${arch}，该实例为${nameUnknown(instanceArch, '未知架构')}`,
  ConfigurationNeedsPlatform: ({ configuration, platform, instancePlatform }) =>
    `配置 ${configuration} 适用于 ${platform}，该实例为${nameUnknown(instancePlatform, '未知平台')}`,
  ConfigurationNeedsVersion: ({ configuration, platform, range }) =>
    `配置 ${configuration} 适用于 ${platform} ${range}：`,
  MoreMisfits: ({ count }) => `另有 ${count} 项`,

  InstalledValuesRefused: () => '该版本不接受已安装的参数值：',
  ResetRefusedValues: () => '请设置新值或重置参数',
  DeclaredValuesContradict: ({ parameter, sources, more }) =>
    `参数 ${parameter} 的值互相矛盾，来自${sources.map(nameSource).join('、')}${more > 0 ? `等，另有 ${more} 项` : ''}：请指定一个值，或为该实例设置值`,
  DeclaredValueRefused: ({ source }) => `该版本不接受${nameSource(source)} 的参数值：`,
  DeclaredValueSecret: ({ parameter, source }) => `参数 ${parameter} 为敏感参数，不使用${nameSource(source)} 的明文值`,
  ValuesDeclared: ({ values, more }) =>
    `${values.map(({ parameter, source }) => `${parameter} 取自${nameSource(source)}`).join('，')}${more > 0 ? `，另有 ${more} 项` : ''}`,
  ParameterMissing: ({ parameter }) => `缺少参数 ${parameter}，且没有默认值`,
  ...createFaultTexts(valueFaults, (parameter, clause) => `参数 ${parameter} ${clause}`),

  InExtension: ({ extension }) => `${extension}：`,
  RestoresVersion: ({ version }) => `恢复为 ${showVersion(version)}`,
  RestoresAbsence: ({ version }) => `执行前未安装，将卸载 ${showVersion(version)}`,
  NothingToRestore: () => '已是执行前的状态',
  VersionDeleted: ({ version }) => `无法恢复：${showVersion(version)} 已被删除`,
  ChangedByExecution: ({ executionId }) => `之后已被 ${executionId} 变更`,
  StateDiffers: ({ expected, found }) =>
    found === 0
      ? '之后已变更：当前未安装'
      : expected === 0
        ? `之后已变更：当前已安装 ${showVersion(found)}`
        : expected === found
          ? `之后已变更：${showVersion(found)} 的配置、参数或状态已不同`
          : `之后已变更：当前为 ${showVersion(found)}，而非 ${showVersion(expected)}`,
  MoreExtensions: ({ count }) => `另有 ${count} 个扩展程序`,
}

const listNames = (names: readonly string[], more: number) =>
  `${names.join('、')}${more > 0 ? ` 等（另有 ${more} 项）` : ''}`

const nameUnknown = (name: string, unknown: string) => (name === '' ? unknown : ` ${name}`)

const nameInstaller = (installer: string) => (installer === 'auto' ? '系统包管理器' : `${installer} `)

const systems: Readonly<Record<OsFamily, string>> = { linux: 'Linux', windows: 'Windows' }

const packageVerbs: Readonly<Record<OsPackageAction, string>> = { install: '安装', uninstall: '卸载', update: '更新' }

const commandNames: Readonly<Record<CommandType, string>> = {
  RunShellScript: 'Shell 脚本',
  RunPowerShellScript: 'PowerShell 脚本',
  RunBatScript: '批处理文件',
}

const showChange = ({ name, from, to, secret }: ShownChange) =>
  secret ? `${name}：已变更` : `${name}：${from ?? '无'} → ${to ?? '无'}`

const scopeNames = { group: '实例组', tag: '标签', instance: '该实例' } as const

const nameSource = ({ scope, subject }: ValueSource) =>
  scope === 'instance' ? scopeNames.instance : `${scopeNames[scope]} ${subject}`
