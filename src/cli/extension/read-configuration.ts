import { open } from 'node:fs/promises'
import { inferArtifactKind } from '../../core/artifact/artifact-kind.ts'
import { findArchMismatch } from '../../core/artifact/package-arch.ts'
import { type ParameterType, scriptKinds } from '../../core/extension/extension.ts'
import { defaultScriptTimeoutMs, maxArtifactBytes, maxScriptBytes, maxScriptTimeoutMs } from '../../core/limits.ts'
import { findWindowsLanguage, nameWindowsInterpreter } from '../../core/template/script-dialect.ts'
import { parseDuration } from '../../lib/duration.ts'
import { readPackageFile } from '../../lib/package-file/read-package-file.ts'
import type { ManifestConfiguration } from '../../protocol/extension-manifest.ts'
import { artifactHeadBytes, findKindMismatch } from './artifact-head.ts'
import { checkArchive } from './check-archive.ts'
import { checkScript } from './check-script.ts'
import { checkTemplate } from './check-template.ts'
import type { ConfigurationSource } from './configuration-source.ts'
import { type FoundFile, findExtensionFile } from './extension-files.ts'
import { hasErrors, type LintProblem } from './lint-problem.ts'
import { nameOf, type YamlPath } from './yaml-place.ts'

/** Reports problems of one configuration: by path, or with their own file and line. */
export interface ReportProblem {
  say(path: YamlPath, message: string): void
  add(problems: readonly LintProblem[]): void
}

/** A configuration with its scripts and its artifact file. */
export async function readConfiguration(
  folder: string,
  manifest: ManifestConfiguration,
  parameterTypes: Readonly<Record<string, ParameterType>>,
  report: ReportProblem,
): Promise<ConfigurationSource> {
  const { os, arch = 'any', platforms } = manifest
  const script = (written: string, path: YamlPath) => readScript(folder, { os, parameterTypes }, written, path, report)
  const scripts: ConfigurationSource['input']['scripts'] = {}
  for (const kind of scriptKinds) {
    const written = manifest[kind]
    if (written !== undefined) scripts[kind] = await script(written, [kind])
  }
  const verify: ConfigurationSource['input']['verify'] = []
  for (const [index, { within, withinMs, ...check }] of (manifest.verify ?? []).entries()) {
    const path = ['verify', index]
    const time = {
      withinMs: readTime({ ms: withinMs, text: within }, { ...checkTime, path, names: ['withinMs', 'within'] }, report),
    }
    verify.push(
      check.kind === 'script'
        ? { ...check, ...time, script: await script(check.script, [...path, 'script']) }
        : { ...check, ...time },
    )
  }
  return {
    input: { os, arch, ...(platforms && { platforms }), scripts, verify, run: runOf(manifest, report) },
    artifact:
      manifest.artifact === undefined
        ? undefined
        : await readArtifact(folder, manifest.artifact, { ...manifest, arch }, report),
  }
}

/**
 * Replaces an unreadable script, so that later checks do not also report it as missing or empty.
 */
const unreadable = '#!/unreadable'

async function readScript(
  folder: string,
  {
    os,
    parameterTypes,
  }: Pick<ManifestConfiguration, 'os'> & { parameterTypes: Readonly<Record<string, ParameterType>> },
  written: string,
  path: YamlPath,
  report: ReportProblem,
): Promise<string> {
  const file = await findExtensionFile(folder, written, maxScriptBytes)
  if ('problem' in file) {
    report.say(path, `${nameOf(path)}: ${file.problem}`)
    return unreadable
  }
  const problems = checkScript(file.name, file.head, file.sizeBytes, os)
  report.add(problems)
  if (hasErrors(problems)) return unreadable
  const plain = new TextDecoder().decode(file.head)
  const language = os === 'windows' ? findWindowsLanguage(file.name) : undefined
  const { text, addedLines } = language ? nameWindowsInterpreter(plain, language) : { text: plain, addedLines: 0 }
  const found = checkTemplate(file.name, text, os, parameterTypes).map((one) => ({
    ...one,
    line: one.line - addedLines,
  }))
  report.add(found)
  return hasErrors(found) ? unreadable : text
}

async function readArtifact(
  folder: string,
  written: string,
  { kind: givenKind, arch, unpack }: Pick<ManifestConfiguration, 'kind' | 'unpack'> & { arch: string },
  report: ReportProblem,
): Promise<ConfigurationSource['artifact']> {
  const kind = givenKind ?? inferArtifactKind(written)
  const file = await findExtensionFile(folder, written, artifactHeadBytes)
  if ('problem' in file) {
    report.say(['artifact'], `artifact: ${file.problem}`)
    return { file: undefined, fileName: written, kind }
  }
  const fileName = file.name.split(/[/\\]/).at(-1) ?? file.name
  const say = (what: string) => report.say(['artifact'], `artifact ${written}: ${what}`)
  if (file.sizeBytes === 0) say('the file is empty; build it first')
  else if (file.sizeBytes > maxArtifactBytes)
    say(`the file has ${file.sizeBytes} bytes; the limit is ${maxArtifactBytes}`)
  else {
    const mismatch = findKindMismatch(kind, file.head)
    if (mismatch) say(mismatch)
    else {
      await checkPackage(file, arch, say)
      const problem =
        unpack && (kind === 'tar' || kind === 'zip') ? await checkArchive(kind, { ...file, fileName }) : undefined
      if (problem !== undefined) say(problem)
    }
  }
  return { file, fileName, kind }
}

/** Compares the package metadata with the configuration. */
async function checkPackage({ path, sizeBytes }: FoundFile, arch: string, say: (what: string) => void): Promise<void> {
  const file = await open(path)
  try {
    const { facts } = await readPackageFile({
      sizeBytes,
      async read(start, lengthBytes) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, start)
        return buffer.subarray(0, bytesRead)
      },
    })
    const mismatch = facts && findArchMismatch(facts.architecture, arch)
    if (mismatch !== undefined) say(mismatch)
  } finally {
    await file.close()
  }
}

function runOf(manifest: ManifestConfiguration, report: ReportProblem): ConfigurationSource['input']['run'] {
  const { runAs, workDir, unpack = false, keepWorkspace = 'never', allowRemovals, signature } = manifest
  const { timeoutMs, timeout } = manifest
  return {
    ...(runAs !== undefined && { runAs }),
    ...(workDir !== undefined && { workDir }),
    timeoutMs: readTime(
      { ms: timeoutMs, text: timeout },
      { ...scriptTime, path: [], names: ['timeoutMs', 'timeout'] },
      report,
    ),
    unpack,
    keepWorkspace,
    ...(allowRemovals !== undefined && { allowRemovals }),
    ...(signature !== undefined && { signature }),
  }
}

const scriptTime = { defaultMs: defaultScriptTimeoutMs, minMs: 1_000, maxMs: maxScriptTimeoutMs }
const checkTime = { defaultMs: 30_000, minMs: 0, maxMs: 3_600_000 }

interface TimeField {
  readonly path: YamlPath
  readonly names: readonly [ms: string, text: string]
  readonly defaultMs: number
  readonly minMs: number
  readonly maxMs: number
}

/** A duration that two fields can set. */
function readTime(
  given: { readonly ms: number | undefined; readonly text: string | undefined },
  { path, names: [inMs, inText], defaultMs, minMs, maxMs }: TimeField,
  { say }: ReportProblem,
): number {
  if (given.text === undefined) return given.ms ?? defaultMs
  const place = [...path, inText]
  if (given.ms !== undefined) say(place, `${inText} and ${inMs} say the same; remove one of them`)
  const timeMs = parseDuration(given.text) ?? defaultMs
  if (timeMs < minMs || timeMs > maxMs) {
    say(place, `${inText} is ${given.text}; it must be from ${minMs / 1000}s to ${maxMs / 1000}s`)
    return defaultMs
  }
  return timeMs
}
