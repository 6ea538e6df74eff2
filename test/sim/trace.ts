import { describeEvent, type SimEvent } from './sim-event.ts'

/** Events as readable lines: the same event of several tasks is one line. */
export interface Trace {
  add(at: number, event: SimEvent): void
  lines(): string[]
  clear(): void
}

interface Entry {
  readonly at: number
  readonly subject: string
  readonly items: string[]
  readonly text: string
}

export function createTrace(): Trace {
  let entries: Entry[] = []
  return {
    add(at, event) {
      const line = describeEvent(event)
      if (!line) return
      const last = entries.at(-1)
      const joins =
        line.item !== undefined && last?.at === at && last.subject === line.subject && last.text === line.text
      if (joins && line.item !== undefined) last.items.push(line.item)
      else
        entries.push({ at, subject: line.subject, items: line.item === undefined ? [] : [line.item], text: line.text })
    },
    lines: () =>
      entries.map(
        ({ at, subject, items, text }) =>
          `${renderTime(at)} ${[subject, items.join(', ')].filter(Boolean).join(' ')}: ${text}`,
      ),
    clear() {
      entries = []
    },
  }
}

export const renderTime = (ms: number) => `+${(ms / 1000).toFixed(3)}s`
