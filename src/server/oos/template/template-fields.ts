import { maxOosContentBytes } from '../../../core/limits.ts'
import { text } from '../rpc/fields.ts'

/** The use case validates the name. */
export const templateName = () => text(200)

/**
 * The bytes are counted when the content is parsed; a text with more characters also has more
 * bytes.
 */
export const contentText = () => text(maxOosContentBytes)

export const resourceGroupText = () => text(64)
