import Box from '@cloudscape-design/components/box'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import { languages } from '../../i18n/catalogue.ts'
import { useLanguage } from '../../i18n/language.tsx'

/** For users who cannot read the language of the sign-in page. */
export function LanguageChoice() {
  const { language, choose, texts } = useLanguage()
  const { language: names } = texts.shell
  return (
    <Box textAlign="center">
      <SegmentedControl
        label={names.label}
        selectedId={language}
        options={languages.map((id) => ({ id, text: names[id] }))}
        onChange={({ detail }) => choose(languages.find((id) => id === detail.selectedId) ?? language)}
      />
    </Box>
  )
}
