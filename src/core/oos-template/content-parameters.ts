import type { ParameterDeclaration } from '../extension/extension.ts'
import type { ParameterContent, Words } from './package-content.ts'

/** Converts a parameter of a content to a declaration. */
export function readParameter(content: ParameterContent): ParameterDeclaration {
  const description = content.Description === undefined ? undefined : readWords(content.Description)
  return dropAbsent({
    type: content.Type,
    description,
    default: content.Default,
    allowedValues: content.AllowedValues,
    pattern: content.AllowedPattern,
    min: content.MinValue,
    max: content.MaxValue,
    minLength: content.MinLength,
    maxLength: content.MaxLength,
    noEcho: content.NoEcho,
    actions: content.Actions,
  })
}

/** Converts a declaration to a parameter of a content. */
export const renderParameter = (declaration: ParameterDeclaration): ParameterContent =>
  dropAbsent({
    Type: declaration.type,
    Description: declaration.description,
    Default: declaration.default,
    AllowedValues: declaration.allowedValues,
    AllowedPattern: declaration.pattern,
    MinValue: declaration.min,
    MaxValue: declaration.max,
    MinLength: declaration.minLength,
    MaxLength: declaration.maxLength,
    NoEcho: declaration.noEcho,
    Actions: declaration.actions,
  })

/** Selects one of several texts: English, else Chinese, else the first valid one. */
export function readWords(words: Words): string {
  if (typeof words === 'string') return words
  const texts = [words.en, words['zh-cn'], ...Object.values(words)]
  return texts.find((text) => typeof text === 'string') ?? ''
}

/** Removes undefined fields: JSON and equality only know absent ones. */
export const dropAbsent = <Shape extends object>(fields: Shape): Shape =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Shape
