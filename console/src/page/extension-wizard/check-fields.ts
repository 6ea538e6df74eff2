import type { VerifyCheck } from '../../../../src/core/extension.ts'

/** A check as a form has it: what it looks at, one more thing about it, and its time. */
export interface CheckFields {
  readonly subject: string
  readonly detail: string
  readonly withinSeconds: string
}

export const checkKinds = ['process', 'port', 'file', 'http', 'package', 'script'] as const
export type CheckKind = VerifyCheck['kind']

const defaultWithinMs = 30_000

export const makeCheck = (kind: CheckKind, withinMs = defaultWithinMs): VerifyCheck =>
  writeCheck(kind, { subject: '', detail: '', withinSeconds: String(withinMs / 1_000) })

export function readCheck(check: VerifyCheck): CheckFields {
  const withinSeconds = String(check.withinMs / 1_000)
  switch (check.kind) {
    case 'process':
      return { subject: check.name ?? '', detail: check.pidFile ?? '', withinSeconds }
    case 'port':
      return { subject: check.port === 0 ? '' : String(check.port), detail: check.host ?? '', withinSeconds }
    case 'file':
      return { subject: check.path, detail: check.sha256 ?? '', withinSeconds }
    case 'http':
      return { subject: check.url, detail: check.status === undefined ? '' : String(check.status), withinSeconds }
    case 'package':
      return { subject: check.name, detail: check.version ?? '', withinSeconds }
    case 'script':
      return { subject: check.script, detail: '', withinSeconds }
  }
}

/** What is no number is 0, which the server refuses where it matters. */
export function writeCheck(kind: CheckKind, { subject, detail, withinSeconds }: CheckFields): VerifyCheck {
  const withinMs = Math.round(numberOf(withinSeconds) * 1_000)
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

const numberOf = (text: string) => (/^\d{1,9}(\.\d{1,3})?$/.test(text.trim()) ? Number(text) : 0)
