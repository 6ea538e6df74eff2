import { maxOosContentBytes } from '../../../core/limits.ts'
import { text } from '../rpc/fields.ts'

/** What a name may be is for the use case to say: it has the words for it. */
export const templateName = () => text(200)

/** Bytes are counted where the content is read; no text of more characters can have fewer. */
export const contentText = () => text(maxOosContentBytes)

export const resourceGroupText = () => text(64)
