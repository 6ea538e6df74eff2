import type { InvocationId } from '../../core/id.ts'
import { maxOpenPerAgent } from '../../core/limits.ts'
import type { AgentMessage } from '../../protocol/agent-messages.ts'
import { reconcilingVersion } from '../../protocol/versions.ts'
import type { AgentInventory, InventoryRecord } from '../app/agent/reconcile-agents.ts'

type Page = Pick<Extract<AgentMessage, { type: 'hello' }>, 'open' | 'installed' | 'more'>

/**
 * The limit of a hello of an earlier protocol version; an agent that sends this many may have more.
 */
const maxOpenBeforePages = 1_000

/** Assembles the pages of an agent's inventory. */
export class InventoryPages {
  #open: { id: InvocationId; state?: string }[] = []
  #installed: InventoryRecord[] = []

  /**
   * Returns the inventory after its last page; `tooLarge` if no honest agent has so many entries.
   */
  add({ open, installed = [], more = false }: Page, version: number): AgentInventory | 'tooLarge' | undefined {
    this.#open.push(...open.map(readOpen))
    this.#installed.push(...installed)
    if (this.#open.length + this.#installed.length > maxOpenPerAgent) return 'tooLarge'
    if (version < reconcilingVersion) return { open: this.#open, isComplete: this.#open.length < maxOpenBeforePages }
    if (more) return undefined
    const inventory = { open: this.#open, installed: this.#installed, isComplete: true }
    this.#open = []
    this.#installed = []
    return inventory
  }
}

const readOpen = (one: Page['open'][number]) =>
  typeof one === 'string' ? { id: one as InvocationId } : { id: one.id as InvocationId, state: one.state }
