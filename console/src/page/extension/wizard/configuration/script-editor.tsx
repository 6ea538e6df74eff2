import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Textarea from '@cloudscape-design/components/textarea'
import { useRef } from 'react'
import { useTexts } from '../../../../i18n/language.tsx'
import './script-editor.css'
import type { PlacedProblem } from '../place-problems.ts'
import { sentence } from '../wizard-context.ts'
import { findLine } from './script-lines.ts'

/** Empty lines at the end, for more text. */
const spareLines = 2
const minLines = 8

/** Script editor with line numbers; each problem links to its line. */
export function ScriptEditor({
  label,
  hint,
  value,
  problems,
  onChange,
}: {
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly problems: readonly PlacedProblem[]
  readonly onChange: (value: string) => void
}) {
  const place = useRef<HTMLDivElement>(null)
  const lines = Math.max(minLines, value.split('\n').length + spareLines)
  const show = (line: number) => {
    const area = place.current?.querySelector('textarea')
    if (!area) return
    const { start, end } = findLine(value, line)
    area.focus()
    area.setSelectionRange(start, end)
    const heightPx = area.scrollHeight / lines
    place.current?.scrollTo({ top: Math.max(0, (line - 4) * heightPx) })
  }
  return (
    <SpaceBetween size="xs">
      <Box color="text-body-secondary">{hint}</Box>
      <div className="script-editor" ref={place}>
        <pre className="script-editor-lines" aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => index + 1).join('\n')}
        </pre>
        <Textarea
          ariaLabel={label}
          value={value}
          rows={lines}
          resize="none"
          spellcheck={false}
          invalid={problems.some(({ severity }) => severity === 'error')}
          nativeTextareaAttributes={{ wrap: 'off', autoCapitalize: 'off' }}
          onChange={({ detail }) => onChange(detail.value)}
        />
      </div>
      <Notes problems={problems} onShow={show} />
    </SpaceBetween>
  )
}

function Notes({
  problems,
  onShow,
}: {
  readonly problems: readonly PlacedProblem[]
  readonly onShow: (line: number) => void
}) {
  const { scripts: texts } = useTexts().extensionWizard
  if (problems.length === 0) return null
  return (
    <ul className="script-editor-notes">
      {problems.map(({ line, column, severity, message }) => (
        <li key={`${line} ${column} ${message}`}>
          <StatusIndicator type={severity}>
            {line !== undefined && (
              <Button variant="inline-link" formAction="none" onClick={() => onShow(line)}>
                {texts.place(line)}
              </Button>
            )}{' '}
            {sentence(message)}
          </StatusIndicator>
        </li>
      ))}
    </ul>
  )
}
