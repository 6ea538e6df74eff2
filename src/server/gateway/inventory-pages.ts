import type { InvocationId } from '../../core/id.ts'
import { maxOpenPerAgent } from '../../core/limits.ts'
import type { AgentMessage } from '../../protocol/agent-messages.ts'
import { reconcilingVersion } from '../../protocol/versions.ts'
import type { AgentInventory, InventoryRecord } from '../app/agent/reconcile-agents.ts'

type Page = Pick<Extract<AgentMessage, { type: 'hello' }>, 'open' | 'installed' | 'more'>

/** What a hello of an earlier version can name; an agent that names so many may have more. */
const maxOpenBeforePages = 1_000

/** Puts the pages of an agent's inventory together. */
export class InventoryPages {
  #open: { id: InvocationId; state?: string }[] = []
  #installed: InventoryRecord[] = []

  /** The inventory once its last page is here; `tooLarge` if no honest agent has so much. */
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
