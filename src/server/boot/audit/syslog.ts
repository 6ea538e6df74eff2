import type { ExportedAuditEntry } from '../../app/access/audit/export-audit.ts'

/** Facility 13 (log audit), severity 5 (notice): RFC 5424 §6.2.1. */
const priority = 13 * 8 + 5

/**
 * An entry as a message of RFC 5424. Its number and hash are structured data, and the whole entry is
 * the message, as JSON.
 */
export function renderSyslog(entry: ExportedAuditEntry, hostName: string): Buffer {
  const header = [
    `<${priority}>1`,
    entry.at,
    printable(hostName, 255),
    'chandler',
    '-',
    printable(entry.action, 32),
    // 32473 is the private enterprise number for examples (RFC 5612).
    `[audit@32473 account="${escapeValue(entry.accountId)}" seq="${entry.seq}" hash="${entry.hash}"]`,
  ]
  return Buffer.from(`${header.join(' ')} ${JSON.stringify(entry)}`)
}

/** Header fields are printable ASCII without spaces; `-` stands for an absent value. */
const printable = (text: string, max: number) => text.replaceAll(/[^!-~]/g, '').slice(0, max) || '-'
const escapeValue = (text: string) => text.replaceAll(/["\\\]]/g, String.raw`\$&`)
