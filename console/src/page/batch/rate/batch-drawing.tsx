import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ResolvedRateControl } from '../../../../../src/core/execution/rate-control.ts'
import { useTexts } from '../../../i18n/language.tsx'
import { BatchBar } from '../batch-bar.tsx'
import type { resolveDrawing } from '../resolve-drawing.ts'
import { groupBatches } from './group-batches.ts'

/** Number of groups shown; the rest is counted. */
const maxGroups = 8

/** Drawing of the batches: width by size, concurrency, approvals; with a textual summary. */
export function BatchDrawing({
  drawn,
  isDebug,
  note,
}: {
  readonly drawn: ReturnType<typeof resolveDrawing>
  readonly isDebug: boolean
  readonly note?: string
}) {
  const { drawing } = useTexts().batch
  if ('problem' in drawn) return <Alert type="error">{drawing.problem(drawn.problem)}</Alert>
  const { resolved } = drawn
  if (resolved.batchSizes.length === 0) return null
  return (
    <SpaceBetween size="xs">
      {note && <Box color="text-body-secondary">{note}</Box>}
      <BatchBar resolved={resolved} />
      <BatchSizes sizes={resolved.batchSizes} />
      <RateSummary resolved={resolved} isDebug={isDebug} />
    </SpaceBetween>
  )
}

/** `3 batches · 20 at a time · stops at the first failure`. */
function RateSummary({
  resolved: { batchSizes, concurrency, maxErrors, batchPause },
  isDebug,
}: {
  readonly resolved: ResolvedRateControl
  readonly isDebug: boolean
}) {
  const { drawing } = useTexts().batch
  const parts = [
    batchSizes.length > 1 && drawing.batches(batchSizes.length),
    drawing.atOnce(Math.min(concurrency, Math.max(...batchSizes, 1))),
    isDebug && drawing.stepByStep,
    drawing.stops(maxErrors),
    batchSizes.length > 1 && drawing.pauses[batchPause],
  ]
  return <Box>{parts.filter(Boolean).join(' · ')}</Box>
}

function BatchSizes({ sizes }: { readonly sizes: readonly number[] }) {
  const { drawing } = useTexts().batch
  const groups = groupBatches(sizes)
  const shown = groups.slice(0, maxGroups)
  const left = sizes.length - (shown.at(-1)?.last ?? 0)
  return (
    <SpaceBetween size="l" direction="horizontal">
      {shown.map(({ first, last, size }) => (
        <div key={first}>
          <Box fontWeight="bold">{drawing.size(size, last > first)}</Box>
          <Box color="text-body-secondary" fontSize="body-s">
            {sizes.length === 1 ? drawing.all : drawing.range(first, last)}
          </Box>
        </div>
      ))}
      {left > 0 && (
        <Box color="text-body-secondary" padding={{ top: 's' }}>
          {drawing.more(left)}
        </Box>
      )}
    </SpaceBetween>
  )
}
