import { findPackageKind } from '../../core/install/installation.ts'
import type { InstalledRecord } from '../../protocol/agent-records.ts'
import { confirmPackage } from '../installer/confirm-package.ts'
import type { Engine } from '../invocation/engine.ts'
import { StepError, toStepFailure } from '../invocation/step-error.ts'
import { verifyChecks } from '../invocation/verify.ts'
import type { InstalledFinding } from './drift-watch.ts'

/** A service may be restarting: a check that fails is repeated for its own time, up to this. */
const longestPatienceMs = 30_000

/**
 * Whether an installed extension still holds what it was installed with: its OS package, and the
 * checks of its record. Checks by script are left out. With a trust file, only what was installed
 * from signed bytes is checked.
 * @throws the reason of the signal
 */
export async function checkInstalled(
  engine: Pick<Engine, 'artifacts' | 'platform' | 'clock' | 'trust' | 'log'>,
  { extensionName, installation, checked }: InstalledRecord,
  signal: AbortSignal,
): Promise<InstalledFinding> {
  const { artifact, verify } = installation.configuration
  const checks = verify
    .filter(({ kind }) => kind !== 'script')
    .map((check) => ({ ...check, withinMs: Math.min(check.withinMs, longestPatienceMs) }))
  if (!mayCheck(engine, checked)) return { kind: 'unknown' }
  // Without the file there is nothing to compare with.
  const isPackage = findPackageKind(installation, 'install') !== undefined && artifact !== undefined
  const hasPackage = isPackage && (await engine.artifacts.find(artifact)) !== undefined
  if (!hasPackage && checks.length === 0) return { kind: 'unknown' }
  try {
    if (hasPackage) await confirmPackage(engine, installation)
    const runScript = async () => undefined
    await verifyChecks(checks, { platform: engine.platform, clock: engine.clock, signal, runScript })
    return { kind: 'holds' }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof StepError && error.reasonCode === 'VerifyFailed')
      return { kind: 'drifted', reason: toStepFailure(error).reason }
    engine.log.warn('an installed extension could not be checked', { extension: extensionName, error: String(error) })
    return { kind: 'unknown' }
  }
}

const mayCheck = ({ trust }: Pick<Engine, 'trust'>, checked = false) => {
  const { kind } = trust.read()
  return kind === 'off' || (kind === 'required' && checked)
}
