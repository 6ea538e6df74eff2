import type { TrustRefusal } from '../../core/trust/trust-refusal.ts'
import type { InstallationMessage, InvocationMessage } from '../../protocol/agent-messages.ts'
import type { InstalledRecord } from '../../protocol/agent-records.ts'
import { readAgentVersion } from '../facts/agent-version.ts'
import { readOsFacts } from '../facts/host-facts.ts'
import type { Engine } from '../invocation/engine.ts'
import type { JournalEntry } from '../state/journal.ts'
import type { CheckContext, Checked } from './check-context.ts'
import { TrustUnusable } from './code-trust.ts'

type TrustEngine = Pick<Engine, 'trust' | 'clock' | 'instanceId'>

/** The work that the instance does for an invocation. */
export interface CheckedWork {
  readonly work: InvocationMessage
  /** Whether it comes from signed bytes. */
  readonly checked: boolean
  /** It does nothing. */
  readonly refusal?: TrustRefusal
}

/** Without a trust file an instance does what its server says. */
export async function checkTrust(engine: TrustEngine, invocation: InvocationMessage): Promise<CheckedWork> {
  // A successor that came before the task decides about it.
  await engine.trust.settled()
  const context = await readContext(engine)
  if (context === undefined) return { work: invocation, checked: false }
  if ('refusal' in context) return { work: invocation, checked: false, refusal: context.refusal }
  const checked = await orRefusal(async () => {
    const { checkInvocation } = await loadChecks()
    return takePlan(engine, invocation.id, checkInvocation(invocation, context))
  })
  if ('refusal' in checked) return { work: invocation, checked: false, refusal: checked.refusal }
  return { work: checked.invocation, checked: true }
}

/** Signatures of approvers serve one invocation. */
async function takePlan({ trust, clock }: TrustEngine, invocationId: string, checked: Checked): Promise<Checked> {
  if ('refusal' in checked || !checked.plan) return checked
  const { key, expiresAt } = checked.plan
  const other = await trust.takePlan(key, { invocationId, expiresAt }, clock.now())
  if (!other) return checked
  const { executionId } = checked.invocation
  return { refusal: { code: 'PlanUsed', arguments: { executionId, invocationId: other.invocationId } } }
}

/** The version that the instance has before an invocation. */
export interface PreviousInstallation {
  readonly installation: InstallationMessage
  readonly status: InstalledRecord['status']
  /** By the record of the instance, not only by the server's. */
  readonly recorded: boolean
  readonly checked: boolean
}

/**
 * The version before an invocation. With a trust file, its scripts are those of its signed bytes:
 * the ones that it was installed from, or for an installation of the time before the trust file,
 * those that the record or the server has for the same version.
 */
export async function findPrevious(
  engine: TrustEngine & Pick<Engine, 'records'>,
  { invocation, checked }: JournalEntry,
): Promise<{ readonly found: PreviousInstallation | undefined } | { readonly refusal: TrustRefusal }> {
  const record = await engine.records.read(invocation.extensionId)
  const { installed } = invocation
  if (!record) return { found: installed && { installation: installed, status: 'installed', recorded: false, checked } }
  const { installation, status } = record
  // Ids are the server's: the scripts of one extension must not run in place of another's.
  if (checked && record.extensionName !== invocation.extensionName) {
    const fault = { part: 'extension', which: invocation.extensionName } as const
    return { refusal: { code: 'SignedPartDiffers', arguments: { name: record.extensionName, ...fault } } }
  }
  if (record.checked) return { found: { installation, status, recorded: true, checked: true } }
  // What was begun before there was a trust file is finished as it was begun.
  if (!checked || !engine.trust.isRequired) return { found: { installation, status, recorded: true, checked: false } }
  return findSigned(engine, record, installed)
}

async function findSigned(
  engine: TrustEngine,
  { extensionName, installation, status }: InstalledRecord,
  installed: InstallationMessage | undefined,
): ReturnType<typeof findPrevious> {
  const context = await readContext(engine)
  if (context === undefined || 'refusal' in context) return { refusal: context?.refusal ?? unsigned(extensionName) }
  const { checkInstallation } = await loadChecks()
  const isSame =
    installed?.version === installation.version && installed.configuration.id === installation.configuration.id
  const signed = isSame ? installed.signed : undefined
  const found = await orRefusal(() => {
    const kept = checkInstallation(installation, extensionName, context)
    if ('installation' in kept || !isSame) return kept
    const { configuration } = installed
    return checkInstallation({ ...installation, configuration, ...(signed && { signed }) }, extensionName, context)
  })
  if ('refusal' in found) return { refusal: unsigned(`${extensionName} v${installation.version}`) }
  return { found: { installation: found.installation, status, recorded: true, checked: true } }
}

const unsigned = (name: string): TrustRefusal => ({ code: 'InstalledNotSigned', arguments: { name } })

/** Undefined: the instance has no trust file. */
async function readContext({
  trust,
  clock,
  instanceId,
}: TrustEngine): Promise<CheckContext | { readonly refusal: TrustRefusal } | undefined> {
  const state = trust.read()
  if (state.kind === 'off') return undefined
  if (state.kind === 'unusable') return { refusal: state.refusal }
  return {
    file: state.file,
    now: clock.now(),
    agentVersion: readAgentVersion(),
    os: await readOsFacts(),
    instanceId,
    readNewest: (extension) => trust.readNewest(extension),
  }
}

/** With the engine of patterns (2 MB): only an instance with a trust file keeps it in memory. */
const loadChecks = () => import('./check-invocation.ts')

async function orRefusal<Result>(
  check: () => Result | Promise<Result>,
): Promise<Result | { readonly refusal: TrustRefusal }> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof TrustUnusable) return { refusal: error.refusal }
    throw error
  }
}

/** A task that was journalled before the instance had a trust file. */
export const findLateRefusal = ({ trust }: TrustEngine, { checked }: JournalEntry): TrustRefusal | undefined =>
  trust.isRequired && !checked ? { code: 'JournalledUnchecked', arguments: {} } : undefined
