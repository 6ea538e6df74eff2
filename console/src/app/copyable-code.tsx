import { CodeView } from '@cloudscape-design/code-view'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import { useTexts } from '../i18n/language.tsx'

/** A text as code with a button that copies it. `copyLabel`: of the button, if a page has several. */
export function CopyableCode({
  content,
  label,
  copyLabel,
  wrapLines = false,
}: {
  readonly content: string
  readonly label: string
  readonly copyLabel?: string
  readonly wrapLines?: boolean
}) {
  const { data } = useTexts()
  return (
    <CodeView
      wrapLines={wrapLines}
      content={content}
      ariaLabel={label}
      actions={
        <CopyToClipboard
          variant="icon"
          textToCopy={content}
          copyButtonAriaLabel={copyLabel ?? data.copy}
          copySuccessText={data.copied}
          copyErrorText={data.copyFailed}
        />
      }
    />
  )
}
