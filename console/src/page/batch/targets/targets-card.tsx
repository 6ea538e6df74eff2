import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { type TargetKind, targetKinds } from '../batch-state.ts'
import { FilterChoice } from '../filter-choice.tsx'
import { OptionCheckbox } from '../option-checkbox.tsx'
import { GroupChoice } from './group-choice.tsx'
import { InstancePicker } from './instance-picker.tsx'
import { ListInput } from './list-input.tsx'
import { SavedGroupChoice } from './saved-group-choice.tsx'
import { TagRows } from './tag-rows.tsx'
import { TargetCount } from './target-count.tsx'

/** Card that specifies the targets and shows their number. */
export function TargetsCard({ form }: { readonly form: BatchForm }) {
  const { targets } = useTexts().batch
  const { state, change, batch } = form
  const problem = useTargetProblem(form)
  const inputs: Readonly<Record<TargetKind, ReactNode>> = {
    pick: <InstancePicker form={form} problem={problem} />,
    tags: <TagRows form={form} problem={problem} />,
    savedGroup: <SavedGroupChoice form={form} problem={problem} />,
    group: <GroupChoice form={form} problem={problem} />,
    filter: <FilterChoice form={form} problem={problem} />,
    list: <ListInput form={form} problem={problem} />,
    all: <Alert type="warning">{targets.all}</Alert>,
  }
  return (
    <Container
      header={
        <Header variant="h2" description={<TargetCount read={batch.targets} />}>
          {targets.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <SegmentedControl
          label={targets.by}
          selectedId={state.by}
          options={targetKinds.map((id) => ({ id, text: targets.kinds[id] }))}
          onChange={({ detail }) => change({ by: targetKinds.find((kind) => kind === detail.selectedId) ?? 'pick' })}
        />
        {inputs[state.by]}
        <OptionCheckbox form={form} option="skipOffline" />
      </SpaceBetween>
    </Container>
  )
}

function useTargetProblem({ state, batch: { targets: read }, isTried }: BatchForm): string | undefined {
  const { targets } = useTexts().batch
  if (!('problem' in read)) return undefined
  switch (read.problem) {
    case 'none':
      return isTried ? targets.none[state.by] : undefined
    case 'mixed':
      return targets.mixed(read.line, read.entry, read.first)
    case 'quotes':
      return targets.quotes(read.line)
    case 'invalid':
      return targets.invalid(read.reason)
  }
}
