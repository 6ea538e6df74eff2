import CodeView from '@cloudscape-design/code-view/code-view'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import { useTexts } from '../../i18n/language.tsx'
import { splitTokens, tokenizeShell } from './tokenize-shell.ts'

/** A script with syntax colours. */
export function ScriptView({ title, text }: { readonly title: string; readonly text: string }) {
  const { extensions } = useTexts()
  return (
    <CodeView
      content={text}
      lineNumbers
      wrapLines
      ariaLabel={title}
      highlight={highlight}
      i18nStrings={{ lineNumberLabel: extensions.script.line, codeLabel: extensions.script.code }}
      actions={
        <CopyToClipboard
          variant="icon"
          copyButtonAriaLabel={extensions.script.copy(title)}
          copySuccessText={extensions.script.copied}
          copyErrorText={extensions.script.notCopied}
          textToCopy={text}
        />
      }
    />
  )
}

/** One table row per line. */
const highlight = (code: string) => (
  <span>
    {splitTokens(tokenizeShell(code)).map((line, row) => (
      <span key={row}>
        {line.map(({ kind, text }, place) => (
          <span key={place} className={kind === 'plain' ? undefined : `script-${kind}`}>
            {text}
          </span>
        ))}
        {'\n'}
      </span>
    ))}
  </span>
)
