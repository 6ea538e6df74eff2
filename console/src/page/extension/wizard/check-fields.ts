import type { VerifyCheck } from '../../../../../src/core/extension/extension.ts'

export const checkKinds = ['process', 'port', 'file', 'http', 'package', 'script'] as const
export type CheckKind = VerifyCheck['kind']

/** A check as typed: subject, detail and time limit, valid or not. */
export interface CheckDraft {
  readonly key: number
  readonly kind: CheckKind
  readonly subject: string
  readonly detail: string
  readonly withinSeconds: string
}
export type CheckField = 'subject' | 'detail' | 'withinSeconds'

const defaultWithinSeconds = '30'

export const makeCheck = (key: number): CheckDraft => ({
  key,
  kind: 'process',
  subject: '',
  detail: '',
  withinSeconds: defaultWithinSeconds,
})

export function readCheck(key: number, check: VerifyCheck): CheckDraft {
  const { kind } = check
  return { key, kind, ...readSubject(check), withinSeconds: String(check.withinMs / 1_000) }
}

function readSubject(check: VerifyCheck): Pick<CheckDraft, 'subject' | 'detail'> {
  switch (check.kind) {
    case 'process':
      return { subject: check.name ?? '', detail: check.pidFile ?? '' }
    case 'port':
      return { subject: String(check.port), detail: check.host ?? '' }
    case 'file':
      return { subject: check.path, detail: check.sha256 ?? '' }
    case 'http':
      return { subject: check.url, detail: check.status === undefined ? '' : String(check.status) }
    case 'package':
      return { subject: check.name, detail: check.version ?? '' }
    case 'script':
      return { subject: check.script, detail: '' }
  }
}

/** Invalid numbers become 0: `findCheckProblem` reports them. */
export function writeCheck({ kind, withinSeconds, ...fields }: CheckDraft): VerifyCheck {
  const withinMs = Math.round(numberOf(withinSeconds) * 1_000)
  const [subject, detail] = [kind === 'script' ? fields.subject : fields.subject.trim(), fields.detail.trim()]
  switch (kind) {
    case 'process':
      return { kind, withinMs, ...(subject && { name: subject }), ...(detail && { pidFile: detail }) }
    case 'port':
      return { kind, withinMs, port: numberOf(subject), ...(detail && { host: detail }) }
    case 'file':
      return { kind, withinMs, path: subject, ...(detail && { sha256: detail }) }
    case 'http':
      return { kind, withinMs, url: subject, ...(detail && { status: numberOf(detail) }) }
    case 'package':
      return { kind, withinMs, name: subject, ...(detail && { version: detail }) }
    case 'script':
      return { kind, withinMs, script: subject }
  }
}

/** Fields that the request cannot represent as typed, or that are empty. */
export function findCheckProblems({ kind, subject, detail, withinSeconds }: CheckDraft) {
  const problems: { readonly field: CheckField; readonly reason: 'notANumber' | 'checkMissing' }[] = []
  // A process check has a name or a PID file.
  const isNamed = subject.trim() !== '' || (kind === 'process' && detail.trim() !== '')
  if (!isNamed) problems.push({ field: 'subject', reason: 'checkMissing' })
  else if (kind === 'port' && !isNumber(subject)) problems.push({ field: 'subject', reason: 'notANumber' })
  if (kind === 'http' && detail.trim() !== '' && !isNumber(detail))
    problems.push({ field: 'detail', reason: 'notANumber' })
  if (!isNumber(withinSeconds)) problems.push({ field: 'withinSeconds', reason: 'notANumber' })
  return problems
}

const details = ['pidFile', 'host', 'sha256', 'status', 'version']

/** Form field of a request field. */
export const checkFieldOf = (field: string): CheckField =>
  field === 'withinMs' ? 'withinSeconds' : details.includes(field) ? 'detail' : 'subject'

const isNumber = (text: string) => /^\d{1,9}(\.\d{1,3})?$/.test(text.trim())
const numberOf = (text: string) => (isNumber(text) ? Number(text) : 0)
