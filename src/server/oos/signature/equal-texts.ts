import { createHash, timingSafeEqual } from 'node:crypto'

/** Comparing tells nothing of where the two differ: digests have one length and no likeness. */
export const equalTexts = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const digest = (text: string) => createHash('sha256').update(text).digest()
