/**
 * Gathers what comes many times a second and hands it on once a frame: 500 changes a second cost as many drawings as the screen has frames, and a
 * tab that nobody sees draws nothing.
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
  // The newest of each: a tab that is hidden for hours keeps no more than there are tasks.
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
