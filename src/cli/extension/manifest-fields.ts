import {
  parameterDeclarationSchema,
  platformSchema,
  scopeSchema,
  verifyCheckSchema,
} from '../../protocol/configuration.ts'
import { extensionManifestSchema, manifestConfigurationSchema } from '../../protocol/extension-manifest.ts'
import type { YamlPath } from './yaml-place.ts'

const checkFields = ['within', ...new Set(verifyCheckSchema.options.flatMap(({ shape }) => Object.keys(shape)))]

/** Known fields at a place of extension.yaml, for suggestions about misspelled ones. */
export function fieldsOfManifest(path: YamlPath): readonly string[] {
  const [section, , part] = path
  if (section === undefined) return Object.keys(extensionManifestSchema.shape)
  if (path.at(-2) === 'platforms') return Object.keys(platformSchema.shape)
  if (section === 'scope') return Object.keys(scopeSchema.shape)
  if (section === 'parameters') return Object.keys(parameterDeclarationSchema.shape)
  if (section === 'configurations')
    return part === 'verify' ? checkFields : Object.keys(manifestConfigurationSchema.shape)
  return []
}
