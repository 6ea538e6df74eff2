import { useFormat, useTexts } from '../../i18n/language.tsx'
import type { BatchOption } from './batch-state.ts'

/** The options of an execution, one in a line. */
export function OptionList({
  options,
  rebootTimeoutMs,
}: {
  readonly options: readonly BatchOption[]
  /** Undefined: the default. */
  readonly rebootTimeoutMs: number | undefined
}) {
  const { options: texts, reboot } = useTexts().batch
  const format = useFormat()
  return options.map((option) => (
    <div key={option}>
      {option === 'reboot' && rebootTimeoutMs !== undefined
        ? reboot.within(format.duration(rebootTimeoutMs))
        : texts[option].label}
    </div>
  ))
}
