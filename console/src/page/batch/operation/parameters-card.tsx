import Box from '@cloudscape-design/components/box'
import Checkbox from '@cloudscape-design/components/checkbox'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { extensionActionOf, keepsValues } from '../batch-state.ts'
import { ParameterField } from './parameter-field.tsx'
import { listDeclarations } from './read-parameter-texts.ts'

/** Form generated from the parameter declarations of the version. */
export function ParametersCard({ form }: { readonly form: BatchForm }) {
  const { parameters } = useTexts().batch
  const { state, change, unshared, changeUnshared, choice, declarations, batch, isTried } = form
  const isKnown = choice.chosen !== undefined && 'version' in choice.chosen
  const action = extensionActionOf(state)
  const declared = action === undefined ? [] : listDeclarations(declarations, action)
  const changeText = (name: string, text: string) => {
    if (declarations[name]?.noEcho) changeUnshared({ secrets: { ...unshared.secrets, [name]: text } })
    else {
      const { [name]: _, ...others } = state.parameters
      change({ parameters: text === '' ? others : { ...others, [name]: text } })
    }
  }
  return (
    <Container
      header={
        <Header variant="h2" description={parameters.description}>
          {parameters.title}
        </Header>
      }
    >
      {declared.length === 0 ? (
        <Box color="text-body-secondary">{isKnown ? parameters.none : parameters.unknownYet}</Box>
      ) : (
        <SpaceBetween size="m">
          {state.action === 'update' && (
            <Checkbox
              checked={state.values === 'reset'}
              description={parameters.resetDetail}
              onChange={({ detail }) => change({ values: detail.checked ? 'reset' : 'keep' })}
            >
              {parameters.reset}
            </Checkbox>
          )}
          <ColumnLayout columns={2}>
            {declared.map(([name, declaration]) => {
              const texts = declaration.noEcho ? unshared.secrets : state.parameters
              const text = Object.hasOwn(texts, name) ? (texts[name] ?? '') : ''
              const problem = batch.parameters.problems[name]
              return (
                <ParameterField
                  key={name}
                  name={name}
                  declaration={declaration}
                  keeps={keepsValues(state)}
                  text={text}
                  // Untouched fields show no error.
                  problem={isTried || text !== '' ? problem : undefined}
                  onChange={(next) => changeText(name, next)}
                />
              )
            })}
          </ColumnLayout>
        </SpaceBetween>
      )}
    </Container>
  )
}
