import { hashInstances } from '../../core/trust/make-plan-statement.ts'
import type { ApprovedKind, PlanStatement, StatedWork } from '../../core/trust/plan-statement.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import { sha256Of } from '../../lib/digest.ts'
import type { PlanSignaturesView } from '../../protocol/api/plan/plan-signatures.ts'
import { planStatementSchema } from '../../protocol/version-statement.ts'
import { UsageError } from '../usage-error.ts'

/**
 * What an approver signs, in lines. Everything that the plan has as a digest is compared with what
 * the server shows: a server that shows one thing and has another one signed is found here.
 * @throws UsageError
 */
export function describePlan(
  id: string,
  shown: Pick<PlanSignaturesView, 'canonical' | 'instances' | 'script'>,
): string[] {
  const { canonical, instances, script } = shown
  const statement = readPlan(canonical)
  if (statement.execution !== id) throw differs(`it is the plan of ${statement.execution}`)
  return [
    `plan of ${id}, valid until ${statement.expires}, sha256 ${sha256Of(canonical)}`,
    ...statement.work.flatMap(({ does, instances: { count, sha256 } }, index) => {
      const ids = instances[index] ?? []
      if (ids.length !== count || hashInstances(ids, sha256Of) !== sha256)
        throw differs('the instances that the server shows are not those of the plan')
      return [
        `${index + 1}. ${describeWork(does)}`,
        ...('scriptSha256' in does ? describeScript(does.scriptSha256, script) : []),
        ...describeValues(does),
        `   on ${count} ${count === 1 ? 'instance' : 'instances'}: ${ids.join(', ')}`,
      ]
    }),
  ]
}

const differs = (reason: string) => new UsageError(`the plan cannot be signed: ${reason}`, 'Nothing was signed.')

function readPlan(canonical: string): PlanStatement {
  let value: unknown
  try {
    value = JSON.parse(canonical)
  } catch {
    throw differs('it is not JSON')
  }
  const parsed = planStatementSchema.safeParse(value)
  if (!parsed.success || canonicalJson(value) !== canonical) throw differs('this chandler cannot read it')
  return value as PlanStatement
}

const describers: { readonly [Kind in ApprovedKind]: (does: Extract<StatedWork, { readonly kind: Kind }>) => string } =
  {
    command: (does) =>
      join([
        `run a command (${does.os}) as ${does.runAs ?? 'root'}`,
        does.workDir !== undefined && `in ${does.workDir}`,
        `timeout ${does.timeoutMs / 1_000} s`,
        !does.placeholders && 'without placeholders',
        describeReboot(does.rebootTimeoutMs),
      ]),
    osPackages: (does) =>
      join([
        `${does.action} OS packages with ${does.installer}: ${does.names.join(' ')}`,
        ...describeRemovals(does),
        `timeout ${does.timeoutMs / 1_000} s`,
      ]),
    extension: (does) =>
      join([
        `${does.action} ${does.extension}${does.version === undefined ? '' : ` v${does.version} (sha256 ${does.versionSha256})`}`,
        does.reinstall && 'also if it is installed',
        ...describeRemovals(does),
        describeReboot(does.rebootTimeoutMs),
      ]),
    agentUpgrade: (does) => `upgrade the agent to ${does.version} (${does.arch}, sha256 ${does.sha256})`,
  }

/** The schema of the plan has no other kinds. */
const describeWork = (does: StatedWork): string => (describers[does.kind] as (work: StatedWork) => string)(does)

const describeRemovals = (does: { readonly allowRemovals: boolean; readonly autoremove: boolean }) => [
  does.allowRemovals && 'may remove other packages',
  does.autoremove && 'removes packages that become unneeded',
]

const join = (parts: readonly (string | false | undefined)[]) => parts.filter(Boolean).join('; ')

const describeReboot = (timeoutMs: number | undefined) => timeoutMs !== undefined && 'may reboot the instance'

function describeScript(sha256: string, script: string | undefined): string[] {
  if (script === undefined || sha256Of(script) !== sha256)
    throw differs('the script that the server shows is not that of the plan')
  return script
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `   | ${line}`)
}

function describeValues(does: StatedWork): string[] {
  if (!('parameters' in does)) return []
  const values = [
    ...Object.entries(does.parameters).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    ...Object.keys(does.secrets).map((name) => `${name} (secret)`),
  ]
  return values.length > 0 ? [`   with ${values.join(', ')}`] : []
}
