import type { ArtifactKind } from '../../core/extension/extension.ts'
import type { ExtensionInput } from '../../protocol/api/extensions.ts'
import type { FoundFile } from './extension-files.ts'

export interface ConfigurationSource {
  readonly input: Omit<ExtensionInput['configurations'][number], 'artifact'>
  /** `file` is undefined if it cannot be read, which is among the problems. */
  readonly artifact:
    | { readonly file: FoundFile | undefined; readonly fileName: string; readonly kind: ArtifactKind }
    | undefined
}
