import AttributeEditor, { type AttributeEditorProps } from '@cloudscape-design/components/attribute-editor'
import Autosuggest from '@cloudscape-design/components/autosuggest'
import Input from '@cloudscape-design/components/input'
import { useRef } from 'react'
import { useTexts } from '../../../../i18n/language.tsx'
import { useFieldProblems } from '../wizard-context.ts'
import type { PlatformDraft } from '../wizard-draft.ts'

/** Common IDs of os-release(5); any other is accepted. */
const platformIds = [
  'alinux',
  'almalinux',
  'amzn',
  'anolis',
  'centos',
  'debian',
  'fedora',
  'ol',
  'openeuler',
  'opensuse-leap',
  'rhel',
  'rocky',
  'sles',
  'ubuntu',
  'like:debian',
  'like:fedora',
  'like:rhel',
  'like:suse',
]

const layout = [{ breakpoint: 'xs', rows: [[1, 1]], removeButton: { width: 'auto' } }, { rows: [[1], [1]] }] as const

/** Editor for platforms and versions, of the scope or of a configuration. */
export function PlatformsEditor({
  place,
  platforms,
  onChange,
}: {
  /** Owner of the platforms: `scope`, `configurations.0`. */
  readonly place: string
  readonly platforms: readonly PlatformDraft[]
  readonly onChange: (platforms: readonly PlatformDraft[]) => void
}) {
  const { scope: texts } = useTexts().extensionWizard
  const problemsOf = useFieldProblems()
  const editor = useRef<AttributeEditorProps.Ref>(null)
  const set = (index: number, change: Partial<PlatformDraft>) =>
    onChange(platforms.map((platform, at) => (at === index ? { ...platform, ...change } : platform)))
  return (
    <AttributeEditor
      ref={editor}
      items={platforms}
      empty={texts.platformsHint}
      addButtonText={texts.add}
      removeButtonText={texts.remove}
      removeButtonAriaLabel={(platform) => texts.removeOne(platform.id, platforms.indexOf(platform) + 1)}
      onAddButtonClick={() => onChange([...platforms, { id: '', versions: '' }])}
      onRemoveButtonClick={({ detail }) => {
        onChange(platforms.filter((_, index) => index !== detail.itemIndex))
        editor.current?.focusAddButton()
      }}
      gridLayout={layout}
      definition={[
        {
          label: texts.platform,
          control: ({ id }, index) => (
            <Autosuggest
              value={id}
              options={platformIds.map((value) => ({ value }))}
              placeholder={texts.platformPlaceholder}
              enteredTextLabel={texts.platformSuggestion}
              onChange={({ detail }) => set(index, { id: detail.value })}
            />
          ),
          errorText: (_, index) => problemsOf(`${place}.platforms.${index}.id`).errorText,
          warningText: (_, index) => problemsOf(`${place}.platforms.${index}.id`).warningText,
        },
        {
          label: texts.versions,
          control: ({ versions }, index) => (
            <Input
              value={versions}
              spellcheck={false}
              placeholder={texts.versionsPlaceholder}
              onChange={({ detail }) => set(index, { versions: detail.value })}
            />
          ),
          errorText: (_, index) => problemsOf(`${place}.platforms.${index}.versions`).errorText,
          warningText: (_, index) => problemsOf(`${place}.platforms.${index}.versions`).warningText,
        },
      ]}
    />
  )
}
