import Box from '@cloudscape-design/components/box'
import { colorChartsBlue1300, colorChartsPurple600, colorChartsStatusMedium } from '@cloudscape-design/design-tokens'
import type { ResolvedRateControl } from '../../../../src/core/execution/rate-control.ts'
import { renderGate } from '../../../../src/core/gate/parse-gate.ts'
import { useTexts } from '../../i18n/language.tsx'
import { placeBatches } from './rate/group-batches.ts'

const width = 1_000
const height = 34
/** Gap between batches; smaller if there are many. */
const maxGap = 3
const paleness = 0.3

/** Batches side by side: the solid part runs concurrently, lines mark gates and pauses between them. */
export function BatchBar({ resolved }: { readonly resolved: ResolvedRateControl }) {
  const { batch, executions } = useTexts()
  const { drawing } = batch
  const { batchSizes, concurrency, batchPause, gates = [] } = resolved
  const boxes = placeBatches(batchSizes, concurrency)
  const gap = Math.min(maxGap, (width / boxes.length) * 0.3)
  const pausesAfter = (number: number) =>
    number < boxes.length && (batchPause === 'EveryBatchPause' || (batchPause === 'FirstBatchPause' && number === 1))
  const hasGates = gates.length > 0 && boxes.length > 1
  const hasPauses = boxes.some(({ number }) => pausesAfter(number))
  return (
    <figure className="batch-bar">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={drawing.label}>
        {boxes.map(({ number, start, width: share, atOnce }) => {
          const whole = Math.max(share * width - gap, 0.5)
          return (
            <g key={number} transform={`translate(${start * width} 0)`} style={{ fill: colorChartsBlue1300 }}>
              <rect y={4} width={whole} height={height - 8} opacity={paleness} />
              <rect y={4} width={whole * atOnce} height={height - 8} />
              {(pausesAfter(number) || (hasGates && number < boxes.length)) && (
                <rect
                  x={share * width - gap}
                  width={Math.max(gap, 1)}
                  height={height}
                  style={{ fill: pausesAfter(number) ? colorChartsStatusMedium : colorChartsPurple600 }}
                />
              )}
            </g>
          )
        })}
      </svg>
      <figcaption>
        <Key colour={colorChartsBlue1300} text={drawing.solid} />
        {boxes.some(({ atOnce }) => atOnce < 1) && (
          <Key colour={colorChartsBlue1300} opacity={paleness} text={drawing.pale} />
        )}
        {hasGates && (
          <Key
            colour={colorChartsPurple600}
            text={drawing.gates(gates.map((gate) => executions.gateName(renderGate(gate))))}
          />
        )}
        {hasPauses && <Key colour={colorChartsStatusMedium} text={drawing.pause} />}
      </figcaption>
    </figure>
  )
}

function Key({
  colour,
  opacity = 1,
  text,
}: {
  readonly colour: string
  readonly opacity?: number
  readonly text: string
}) {
  return (
    <Box fontSize="body-s" color="text-body-secondary">
      <i style={{ background: colour, opacity }} /> {text}
    </Box>
  )
}
