import { parseVersion, showVersion } from '../../core/extension/extension.ts'
import { UsageError } from '../usage-error.ts'

/** `demo@v3`. @throws UsageError */
export function parseVersionName(text: string): { readonly name: string; readonly version: string } {
  const [name = '', label = '', ...rest] = text.split('@')
  const version = parseVersion(label)
  if (name === '' || version === undefined || rest.length > 0)
    throw new UsageError(
      `${JSON.stringify(text)} is not a version of an extension`,
      'Use NAME@VERSION, such as demo@v3.',
    )
  return { name, version: showVersion(version) }
}
