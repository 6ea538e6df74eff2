import { expect, test } from 'vitest'
import { byKind } from './by-kind.ts'

type Shape = { readonly kind: 'circle'; readonly radius: number } | { readonly kind: 'square'; readonly side: number }

const areaOf = byKind<Shape, number>({ circle: ({ radius }) => 3 * radius ** 2, square: ({ side }) => side ** 2 })

test('each value goes to the function of its kind', () => {
  expect(areaOf({ kind: 'circle', radius: 2 })).toBe(12)
  expect(areaOf({ kind: 'square', side: 3 })).toBe(9)
})

test('a missing kind does not compile', () => {
  // @ts-expect-error -- square is missing
  expect(() => byKind<Shape, number>({ circle: () => 1 })({ kind: 'square', side: 1 })).toThrow(TypeError)
})
