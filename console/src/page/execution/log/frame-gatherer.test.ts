import { expect, test } from 'vitest'
import { createFrameGatherer } from './frame-gatherer.ts'

function makeFrames() {
  const waiting = new Map<number, () => void>()
  let last = 0
  return {
    clock: {
      request: (draw: () => void) => {
        last += 1
        waiting.set(last, draw)
        return last
      },
      cancel: (frame: number) => void waiting.delete(frame),
    },
    pass() {
      const draws = [...waiting.values()]
      waiting.clear()
      for (const draw of draws) draw()
      return draws.length
    },
  }
}

test('updates within a frame are delivered once, the latest of each key', () => {
  const frames = makeFrames()
  const drawn: (readonly string[])[] = []
  const gatherer = createFrameGatherer<string>((items) => drawn.push(items), {
    keyOf: (item) => item[0],
    frames: frames.clock,
  })
  gatherer.add(['a1', 'b1'])
  gatherer.add(['a2'])
  gatherer.add([])
  expect(frames.pass()).toBe(1)
  expect(frames.pass()).toBe(0)
  gatherer.add(['c1'])
  gatherer.stop()
  expect(frames.pass()).toBe(0)
  expect(drawn).toEqual([['a2', 'b1']])
})
