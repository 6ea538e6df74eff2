/**
 * A hash tree over texts, as in RFC 6962: a plan names thousands of instances by one digest, and an
 * instance verifies with a dozen digests that it is one of them.
 *
 * A leaf is SHA-256("leaf:" + text), a node SHA-256("node:" + left + right) with the digests in hex;
 * the last digest of a level with an odd number moves up unchanged.
 */
export type Sha256 = (text: string) => string

/** The siblings on the way from a leaf to the root: `l` (the sibling is on the left) or `r`, then its digest. */
export type TreeProof = readonly string[]

const leafOf = (text: string, sha256Of: Sha256) => sha256Of(`leaf:${text}`)
const nodeOf = (left: string, right: string, sha256Of: Sha256) => sha256Of(`node:${left}${right}`)

/** The root and a proof for each text, in their order. At least one text. */
export function makeHashTree(texts: readonly string[], sha256Of: Sha256) {
  const levels = [texts.map((text) => leafOf(text, sha256Of))]
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!)
    levels.push(
      Array.from({ length: Math.ceil(level.length / 2) }, (_, index) => {
        const [left, right] = [level[index * 2]!, level[index * 2 + 1]]
        return right === undefined ? left : nodeOf(left, right, sha256Of)
      }),
    )
  const proofOf = (leaf: number): TreeProof =>
    levels.flatMap((level, height) => {
      const index = Math.floor(leaf / 2 ** height)
      const sibling = level[index % 2 === 0 ? index + 1 : index - 1]
      return sibling === undefined ? [] : [`${index % 2 === 0 ? 'r' : 'l'}${sibling}`]
    })
  return { root: levels.at(-1)?.[0] ?? '', proofs: texts.map((_, index) => proofOf(index)) }
}

/** Whether the tree with this root has the text. */
export function isInHashTree(text: string, proof: TreeProof, root: string, sha256Of: Sha256): boolean {
  const found = proof.reduce(
    (digest, step) =>
      step.startsWith('l') ? nodeOf(step.slice(1), digest, sha256Of) : nodeOf(digest, step.slice(1), sha256Of),
    leafOf(text, sha256Of),
  )
  return found === root
}
