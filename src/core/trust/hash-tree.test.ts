import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { isInHashTree, makeHashTree } from './hash-tree.ts'

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')

test.each([1, 2, 3, 4, 5, 7, 8, 9, 33])('a tree of %i texts has each of them, and nothing else', (count) => {
  const texts = Array.from({ length: count }, (_, index) => `i-${index}`)
  const { root, proofs } = makeHashTree(texts, sha256Of)
  texts.forEach((text, index) => {
    expect(isInHashTree(text, proofs[index]!, root, sha256Of)).toBe(true)
    expect(isInHashTree('i-other', proofs[index]!, root, sha256Of)).toBe(false)
    const next = (index + 1) % count
    if (next !== index) expect(isInHashTree(text, proofs[next]!, root, sha256Of)).toBe(false)
  })
  expect(makeHashTree([...texts, 'i-more'], sha256Of).root).not.toBe(root)
})

test('a node is no leaf, and an empty proof fits only a tree of one text', () => {
  const { root, proofs } = makeHashTree(['a', 'b'], sha256Of)
  const [left, right] = [sha256Of('leaf:a'), sha256Of('leaf:b')]
  expect(root).toBe(sha256Of(`node:${left}${right}`))
  expect(isInHashTree(`${left}${right}`, [], root, sha256Of)).toBe(false)
  expect(isInHashTree('a', [], root, sha256Of)).toBe(false)
  expect(proofs).toEqual([[`r${right}`], [`l${left}`]])
})
