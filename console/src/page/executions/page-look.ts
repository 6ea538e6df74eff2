import {
  borderRadiusItem,
  colorBackgroundContainerContent,
  colorBackgroundItemSelected,
  colorBorderDividerDefault,
  colorBorderItemFocused,
  colorTextBodyDefault,
  colorTextBodySecondary,
  colorTextLinkDefault,
  colorTextStatusError,
  colorTextStatusSuccess,
  fontFamilyMonospace,
} from '@cloudscape-design/design-tokens'
import type { CSSProperties } from 'react'

/** The tokens of the component library under names that executions.css can say. */
export const pageLook = {
  '--page-container': colorBackgroundContainerContent,
  '--page-selected': colorBackgroundItemSelected,
  '--page-border': colorBorderDividerDefault,
  '--page-focus': colorBorderItemFocused,
  '--page-text': colorTextBodyDefault,
  '--page-quiet': colorTextBodySecondary,
  '--page-link': colorTextLinkDefault,
  '--page-error': colorTextStatusError,
  '--page-success': colorTextStatusSuccess,
  '--page-radius': borderRadiusItem,
  '--page-mono': fontFamilyMonospace,
} as CSSProperties
