import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StepResult } from '../../core/install/install-step.ts'
import { makeReason, makeTextReason } from '../../core/reason/reason.ts'
import type { ScriptEnd } from '../script/script-process.ts'
import { describePackageRefusal, type FailedScriptlet, judgePackages, type PackageResults } from './judge-packages.ts'
import { findPackageCause } from './package-cause.ts'
import { describePackageChanges, parsePackages } from './package-changes.ts'
import type { ResultFile } from './package-script.ts'

export interface PackageEnd {
  /** The intended result of the script; `changed`: packages named by the operation. */
  readonly wanted: 'installed' | 'removed' | 'changed'
  readonly end: ScriptEnd
  /** The judgement by the script's exit alone. */
  readonly result: StepResult
  /** The directory with its output; its results are in the subfolder `packages`. */
  readonly directory: string
  readonly isSameBoot: boolean
}

/** The subfolder of a script's directory for its results. */
export const resultsOf = (directory: string) => join(directory, 'packages')

/** Judges the end of a package manager script by the results that it left. */
export async function judgePackageEnd({ wanted, end, result, directory, isSameBoot }: PackageEnd): Promise<StepResult> {
  const results = await readResults(resultsOf(directory))
  if (end.kind !== 'exit' || (result.status === 'failed' && result.failure.state !== 'failed'))
    return result.status === 'failed' && isSameBoot && !results.acted && end.kind !== 'notBegun'
      ? unchanged(result)
      : result
  if (wanted === 'changed') return judgeNamed(result, results, directory)
  // A code that requests a reboot is a success, too.
  const verdict = judgePackages(wanted, results, result.status === 'done' ? 0 : end.code)
  if (verdict.kind === 'done')
    return { status: 'done', ...(verdict.said === undefined ? {} : { said: makeTextReason(verdict.said) }) }
  const failed = await explain(result, verdict.problem, directory)
  return verdict.changed ? failed : { ...failed, began: false }
}

async function judgeNamed(result: StepResult, results: PackageResults, directory: string): Promise<StepResult> {
  const { before = [], after, refused, repaired } = results
  const { unchanged: isSame, said } = describePackageChanges(before, after ?? before)
  const completed = repaired.length > 0 ? makeReason('InterruptedCompleted', { names: repaired }) : []
  if (result.status !== 'failed')
    return { status: 'done', unchanged: isSame && repaired.length === 0, said: [...completed, ...makeTextReason(said)] }
  const problem = refused === undefined ? undefined : describePackageRefusal('changed', refused)
  const failed = await explain(result, problem, directory)
  if (isSame) return failed
  const reason = [...failed.failure.reason, ...makeReason('ChangedBeforeFailure'), ...makeTextReason(said)]
  return { ...failed, failure: { ...failed.failure, reason } }
}

type Failed = StepResult & { status: 'failed' }

/** Replaces the last line of output by the cause of the package manager's failure. */
async function explain(result: StepResult, problem: string | undefined, directory: string): Promise<Failed> {
  const failure =
    result.status === 'failed'
      ? result.failure
      : { state: 'failed' as const, reasonCode: 'ScriptFailed' as const, reason: [], exitCode: 0 }
  if (problem !== undefined)
    return { status: 'failed', began: true, failure: { ...failure, reason: makeTextReason(problem) } }
  const [stderr, stdout] = await Promise.all([readTail(join(directory, 'stderr')), readTail(join(directory, 'stdout'))])
  const cause = findPackageCause(stderr, stdout)
  const reason = failure.reason.filter(({ code }) => code !== 'ScriptSaid')
  return {
    status: 'failed',
    began: true,
    failure: { ...failure, reason: cause === '' ? reason : [...reason, ...makeReason('ScriptSaid', { text: cause })] },
  }
}

const unchanged = (result: Failed): Failed => ({
  ...result,
  began: false,
  failure: { ...result.failure, reason: [...result.failure.reason, ...makeReason('NoPackageChanged')] },
})

async function readResults(directory: string): Promise<PackageResults> {
  const read = async (file: ResultFile) => {
    const text = await readFile(join(directory, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return text
  }
  const [before, after, target, acting, refused, repaired, scriptlets] = await Promise.all([
    read('before'),
    read('after'),
    read('target'),
    read('acting'),
    read('refused'),
    read('repaired'),
    read('scriptlets'),
  ])
  const [name, version] = target?.trim().split(/\s+/) ?? []
  return {
    before: before === undefined ? undefined : parsePackages(before),
    after: after === undefined ? undefined : parsePackages(after),
    target: name ? { name, version } : undefined,
    refused: refused?.trim() || undefined,
    repaired: repaired?.split(/\s+/).filter(Boolean) ?? [],
    failedScriptlets: scriptlets === undefined ? [] : parseScriptlets(scriptlets),
    acted: acting !== undefined,
  }
}

const parseScriptlets = (text: string): FailedScriptlet[] =>
  text
    .split('\n')
    .map((line) => /^(%[a-z]+) (\S+) (.+)$/.exec(line))
    .flatMap((match) => (match ? [{ script: match[1]!, package: match[2]!, end: match[3]! }] : []))

/** The cause is near the end; a summary follows it. */
const tailBytes = 16 * 1024

async function readTail(path: string): Promise<string> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, size - tailBytes))
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
