import { maxInstalledPerMessage, maxOpenPerMessage } from '../../core/limits.ts'
import type { InstalledRecordEntry, OpenInvocation } from '../../protocol/agent-messages.ts'

/** Snapshot of an agent's open invocations and installed extensions. */
interface Inventory {
  readonly open: readonly OpenInvocation[]
  readonly installed: readonly InstalledRecordEntry[]
}

export interface InventoryPage {
  readonly open: OpenInvocation[]
  readonly installed: InstalledRecordEntry[]
  readonly more?: true
}

/**
 * Splits an inventory into at least one page that fits in a message; all but the last announce that
 * more follows.
 */
export function pageInventory({ open, installed }: Inventory): [InventoryPage, ...InventoryPage[]] {
  const count = Math.max(
    1,
    Math.ceil(open.length / maxOpenPerMessage),
    Math.ceil(installed.length / maxInstalledPerMessage),
  )
  return Array.from({ length: count }, (_, page) => ({
    open: open.slice(page * maxOpenPerMessage, (page + 1) * maxOpenPerMessage),
    installed: installed.slice(page * maxInstalledPerMessage, (page + 1) * maxInstalledPerMessage),
    ...(page < count - 1 ? { more: true as const } : {}),
  })) as [InventoryPage, ...InventoryPage[]]
}
