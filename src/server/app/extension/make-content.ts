import type { Words } from '../../../core/oos-template/package-content.ts'
import { type RenderedVersion, renderPackageContent } from '../../../core/oos-template/render-package-content.ts'
import { sha256Of } from '../../../lib/digest.ts'
import type { VersionContent } from '../../../store/extension/extension-versions.ts'

/** Content as a client of OOS sent it: stored unchanged. */
export interface GivenContent {
  readonly text: string
  readonly format: 'JSON' | 'YAML'
  readonly description: Words
}

/**
 * The stored content of a version: the given one, or else the version rendered as indented JSON.
 */
export function makeContent(given: GivenContent | undefined, version: RenderedVersion): VersionContent {
  const rendered = renderPackageContent(version)
  const { text, format, description } = given ?? {
    text: JSON.stringify(rendered, undefined, 2),
    format: 'JSON',
    description: rendered.Description ?? '',
  }
  return {
    text,
    format,
    sha256: sha256Of(text),
    description: typeof description === 'string' ? description : JSON.stringify(description),
  }
}
