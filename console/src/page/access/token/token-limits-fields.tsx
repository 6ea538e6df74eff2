import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useTexts } from '../../../i18n/language.tsx'
import { Optional } from '../optional.tsx'

/** Raw input of the restrictions for joining servers. */
export interface TokenLimits {
  /** Tag keys, separated by commas. */
  readonly allowedTags: string
  readonly approve: boolean
}

export const noTokenLimits: TokenLimits = { allowedTags: '', approve: false }

export const readTokenLimits = ({ allowedTags, approve }: TokenLimits) => ({
  allowedTags: [...new Set(allowedTags.split(',').map((key) => key.trim()))].filter((key) => key !== ''),
  approve,
})

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
