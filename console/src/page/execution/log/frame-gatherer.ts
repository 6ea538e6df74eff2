/**
 * Batches frequent updates per frame: 500 changes a second cost as many renders as the screen has
 * frames, and hidden tabs render nothing.
 */
export interface FrameGatherer<Item> {
  add(items: readonly Item[]): void
  stop(): void
}

export interface FrameClock {
  request(draw: () => void): number
  cancel(frame: number): void
}

const browserFrames: FrameClock = {
  request: (draw) => requestAnimationFrame(draw),
  cancel: (frame) => cancelAnimationFrame(frame),
}

export function createFrameGatherer<Item>(
  draw: (items: readonly Item[]) => void,
  { keyOf, frames = browserFrames }: { readonly keyOf: (item: Item) => unknown; readonly frames?: FrameClock },
): FrameGatherer<Item> {
  // Keeps the latest update per task, so that a tab hidden for hours uses bounded memory.
  let gathered = new Map<unknown, Item>()
  let frame: number | undefined
  const hand = () => {
    const items = [...gathered.values()]
    gathered = new Map()
    frame = undefined
    draw(items)
  }
  return {
    add(items) {
      for (const item of items) gathered.set(keyOf(item), item)
      if (gathered.size > 0) frame ??= frames.request(hand)
    },
    stop() {
      if (frame !== undefined) frames.cancel(frame)
      frame = undefined
      gathered = new Map()
    },
  }
}
