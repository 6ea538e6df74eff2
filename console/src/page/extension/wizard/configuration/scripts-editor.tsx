import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useState } from 'react'
import { type ScriptKind, scriptKinds } from '../../../../../../src/core/extension/extension.ts'
import { findWindowsInterpreter } from '../../../../../../src/core/template/script-dialect.ts'
import { useTexts } from '../../../../i18n/language.tsx'
import { PlaceAlerts } from '../place-alerts.tsx'
import { useWizardForm } from '../wizard-context.ts'
import type { ConfigurationFieldsProps } from './configuration-fields.ts'
import { OpenScript } from './open-script.tsx'
import { ScriptEditor } from './script-editor.tsx'
import { findScriptTemplates } from './script-templates.ts'

/** Editor for the four scripts of a configuration. */
export function ScriptsEditor(props: ConfigurationFieldsProps) {
  const { scripts: texts } = useTexts().extensionWizard
  const { problemsAt } = useWizardForm()
  const { configuration, index } = props
  const [shown, setShown] = useState<ScriptKind>('install')
  const labelOf = (kind: ScriptKind) => {
    const found = problemsAt(`configurations.${index}.scripts.${kind}`)
    if (found.length === 0) return texts.kinds[kind]
    return (
      <span data-error={found.some(({ severity }) => severity === 'error') || undefined}>
        {`${texts.kinds[kind]} (${texts.problems(found.length)})`}
      </span>
    )
  }
  return (
    <SpaceBetween size="xxs">
      <Box variant="awsui-key-label">{texts.label}</Box>
      <PlaceAlerts place={`configurations.${index}.scripts`} />
      <Tabs
        ariaLabel={texts.label}
        activeTabId={shown}
        onChange={({ detail }) => setShown(scriptKinds.find((kind) => kind === detail.activeTabId) ?? shown)}
        tabs={scriptKinds.map((kind) => ({
          id: kind,
          label: labelOf(kind),
          content: <ScriptTab {...props} configuration={configuration} kind={kind} />,
        }))}
      />
    </SpaceBetween>
  )
}

function ScriptTab({ configuration, index, set, kind }: ConfigurationFieldsProps & { readonly kind: ScriptKind }) {
  const { scripts: texts } = useTexts().extensionWizard
  const { problemsAt } = useWizardForm()
  const { scripts, os } = configuration
  const text = scripts[kind]
  const write = (next: string) => set({ scripts: { ...scripts, [kind]: next } })
  const template = kind === 'install' || kind === 'uninstall' ? findScriptTemplates(os)[kind] : undefined
  return (
    <SpaceBetween size="xs">
      <ScriptEditor
        label={texts.editor(texts.kinds[kind], index + 1)}
        hint={texts.hints[kind]}
        value={text}
        problems={problemsAt(`configurations.${index}.scripts.${kind}`)}
        onChange={write}
      />
      {os === 'windows' && <Interpreter text={text} />}
      <SpaceBetween direction="horizontal" size="xs">
        <OpenScript os={os} label={texts.openOne(texts.kinds[kind], index + 1)} onOpen={write} />
        {text === '' && template !== undefined && (
          <Button formAction="none" onClick={() => write(template)}>
            {texts.insertTemplate}
          </Button>
        )}
      </SpaceBetween>
    </SpaceBetween>
  )
}

/** What runs a script on Windows; a first line such as `#!cmd` decides it where the text alone does not. */
function Interpreter({ text }: { readonly text: string }) {
  const { scripts: texts } = useTexts().extensionWizard
  const found = text === '' ? undefined : findWindowsInterpreter(text)
  return typeof found === 'string' ? <Box color="text-body-secondary">{texts.interpreters[found]}</Box> : null
}
