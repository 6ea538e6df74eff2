import type { VerifyCheck } from '../../../../src/core/extension/extension.ts'

/**
 * Subject of a check as declared: `nginx`, `127.0.0.1:8080`, `https://… 200`. Empty for scripts,
 * which are shown in full.
 */
export function describeCheck(check: VerifyCheck): string {
  switch (check.kind) {
    case 'process':
      return join(check.name, check.pidFile)
    case 'port':
      return check.host === undefined ? String(check.port) : `${check.host}:${check.port}`
    case 'file':
      return join(check.path, check.sha256)
    case 'http':
      return join(check.url, check.status)
    case 'package':
      return join(check.name, check.version)
    case 'script':
      return ''
  }
}

const join = (...parts: readonly (string | number | undefined)[]) =>
  parts.filter((part) => part !== undefined).join(' ')
