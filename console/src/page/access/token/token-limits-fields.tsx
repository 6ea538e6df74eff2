import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useTexts } from '../../../i18n/language.tsx'
import { Optional } from '../optional.tsx'

/** Raw input of what joining servers may do, and what they get. */
export interface TokenLimits {
  /** Tag keys, separated by commas. */
  readonly allowedTags: string
  readonly approve: boolean
  /** Extensions to install, `NAME` or `NAME@VERSION`, separated by commas. */
  readonly install: string
}

export const noTokenLimits: TokenLimits = { allowedTags: '', approve: false, install: '' }

export const readTokenLimits = ({ allowedTags, approve, install }: TokenLimits) => ({
  allowedTags: splitList(allowedTags),
  approve,
  install: splitList(install).map((text) => {
    const [extension = '', version] = text.split('@', 2)
    return { extension, ...(version && { version }) }
  }),
})

const splitList = (text: string) =>
  [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== '')

export function TokenLimitsFields({
  value,
  onChange,
}: {
  readonly value: TokenLimits
  readonly onChange: (value: TokenLimits) => void
}) {
  const { tokens: texts } = useTexts().access
  return (
    <>
      <FormField label={<Optional label={texts.allowedTags} />} constraintText={texts.allowedTagsHint}>
        <Input value={value.allowedTags} onChange={({ detail }) => onChange({ ...value, allowedTags: detail.value })} />
      </FormField>
      <FormField label={<Optional label={texts.install} />} constraintText={texts.installHint}>
        <Input value={value.install} onChange={({ detail }) => onChange({ ...value, install: detail.value })} />
      </FormField>
      <Checkbox
        checked={value.approve}
        description={texts.approveDetail}
        onChange={({ detail }) => onChange({ ...value, approve: detail.checked })}
      >
        {texts.approve}
      </Checkbox>
    </>
  )
}
