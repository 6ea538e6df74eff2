import Box from '@cloudscape-design/components/box'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tiles from '@cloudscape-design/components/tiles'
import { useTexts } from '../../../i18n/language.tsx'
import type { BatchForm } from '../batch-form.ts'
import { type BatchAction, batchActions } from '../batch-state.ts'
import { OptionCheckbox } from '../option-checkbox.tsx'
import { ConnectField } from './connect-field.tsx'
import { ExtensionField } from './extension-field.tsx'
import { RebootFields } from './reboot-fields.tsx'
import { VersionField } from './version-field.tsx'

const order: readonly BatchAction[] = ['install', 'update', 'uninstall', 'upgradeAgents']

/** Card with the operation; for an extension, with its version. */
export function OperationCard({ form }: { readonly form: BatchForm }) {
  const { operation } = useTexts().batch
  const { state, change } = form
  return (
    <Container header={<Header variant="h2">{operation.title}</Header>}>
      <SpaceBetween size="l">
        <FormField label={operation.action} stretch>
          <Tiles
            value={state.action}
            columns={4}
            items={order.map((action) => ({
              value: action,
              label: operation.actions[action].label,
              description: operation.actions[action].detail,
            }))}
            onChange={({ detail }) =>
              change({ action: batchActions.find((action) => action === detail.value) ?? 'install' })
            }
          />
        </FormField>
        {state.action === 'upgradeAgents' ? <ConnectField form={form} /> : <ExtensionFields form={form} />}
      </SpaceBetween>
    </Container>
  )
}

function ExtensionFields({ form }: { readonly form: BatchForm }) {
  const { operation } = useTexts().batch
  const { state } = form
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <ExtensionField form={form} />
        {state.action === 'uninstall' ? (
          <Box color="text-body-secondary" padding={{ top: 'xl' }}>
            {operation.noVersionNeeded}
          </Box>
        ) : (
          <VersionField form={form} />
        )}
      </ColumnLayout>
      {state.action !== 'uninstall' && <OptionCheckbox form={form} option="reinstall" />}
      <OptionCheckbox form={form} option="allowRemovals" />
      {state.action === 'uninstall' && <OptionCheckbox form={form} option="autoremove" />}
      <RebootFields form={form} />
    </SpaceBetween>
  )
}
