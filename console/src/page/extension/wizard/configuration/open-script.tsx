import FileInput from '@cloudscape-design/components/file-input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import type { OsFamily } from '../../../../../../src/core/instance/facts.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { readScriptFile } from './read-script-file.ts'

/** Replaces a script by the text of a file. */
export function OpenScript({
  os,
  label,
  onOpen,
}: {
  readonly os: OsFamily
  readonly label: string
  readonly onOpen: (text: string) => void
}) {
  const { scripts: texts } = useTexts().extensionWizard
  const [problem, setProblem] = useState<'tooLarge' | 'notText'>()
  const open = async (file: File | undefined) => {
    if (!file) return
    const opened = readScriptFile(file.name, new Uint8Array(await file.arrayBuffer()), os)
    setProblem('problem' in opened ? opened.problem : undefined)
    if ('text' in opened) onOpen(opened.text)
  }
  return (
    <SpaceBetween size="xxs">
      <FileInput value={[]} ariaLabel={label} onChange={({ detail }) => void open(detail.value[0])}>
        {texts.open}
      </FileInput>
      {problem && <StatusIndicator type="error">{texts.openProblems[problem]}</StatusIndicator>}
    </SpaceBetween>
  )
}
