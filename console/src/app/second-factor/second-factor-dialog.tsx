import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import type { SecondFactorSecret } from '../../../../src/protocol/api/second-factor.ts'
import { useAction } from '../../data/use-action.ts'
import { useQuery } from '../../data/use-query.ts'
import { useTexts } from '../../i18n/language.tsx'
import { FormDialog } from '../dialog/form-dialog.tsx'
import { useFlashes } from '../flashes.tsx'
import { useSession } from '../session.tsx'
import { CodeField } from './code-field.tsx'
import { QrCode } from './qr-code.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

const keyOf = (userName: string) => `second-factor/${userName}`

/** Sets up the user's authenticator app, or removes it. */
export function SecondFactorDialog({ onClose }: { readonly onClose: () => void }) {
  const { session } = useSession()
  const state = useQuery(keyOf(session.userName), (client) => client.secondFactor.get(session.userName))
  const [recoveryCodes, setRecoveryCodes] = useState<readonly string[]>()
  const [secret, setSecret] = useState<SecondFactorSecret>()
  if (recoveryCodes) return <RecoveryCodes codes={recoveryCodes} onClose={onClose} />
  if (state.data?.enabled && !state.isOld)
    return <Disable recoveryCodesLeft={state.data.recoveryCodesLeft} onClose={onClose} />
  return secret ? (
    <Confirm secret={secret} onEnabled={setRecoveryCodes} onClose={onClose} />
  ) : (
    <Begin onBegun={setSecret} onClose={onClose} />
  )
}

function Begin({
  onBegun,
  onClose,
}: {
  readonly onBegun: (secret: SecondFactorSecret) => void
  readonly onClose: () => void
}) {
  const { secondFactor: texts, password: label, passwordMissing } = useTexts().signIn
  const [password, setPassword] = useState('')
  const [isTried, setIsTried] = useState(false)
  const begin = useAction((client) => client.secondFactor.begin(password))
  const submit = async () => {
    setIsTried(true)
    const begun = password === '' ? undefined : await begin.run(undefined)
    if (begun) onBegun(begun)
  }
  return (
    <FormDialog title={texts.title} submit={texts.next} {...begin} onSubmit={() => void submit()} onClose={onClose}>
      <Box>{texts.intro}</Box>
      <FormField label={label} errorText={isTried && password === '' ? passwordMissing : undefined}>
        <Input
          type="password"
          autoComplete="current-password"
          autoFocus
          value={password}
          onChange={({ detail }) => setPassword(detail.value)}
        />
      </FormField>
    </FormDialog>
  )
}

function Confirm({
  secret,
  onEnabled,
  onClose,
}: {
  readonly secret: SecondFactorSecret
  readonly onEnabled: (recoveryCodes: readonly string[]) => void
  readonly onClose: () => void
}) {
  const { secondFactor: texts } = useTexts().signIn
  const [code, setCode] = useState('')
  const [isTried, setIsTried] = useState(false)
  const enable = useAction((client) => client.secondFactor.enable(code), ['access/'])
  const submit = async () => {
    setIsTried(true)
    const enabled = code === '' ? undefined : await enable.run(undefined)
    if (enabled) onEnabled(enabled.recoveryCodes)
  }
  return (
    <FormDialog title={texts.title} submit={texts.enable} {...enable} onSubmit={() => void submit()} onClose={onClose}>
      <Box>{texts.scan}</Box>
      <QrCode text={secret.uri} label={texts.qrCode} />
      <FormField label={texts.key}>
        <Box variant="code">{secret.secret}</Box>
      </FormField>
      <CodeField isFirst value={code} isTried={isTried} onChange={setCode} />
    </FormDialog>
  )
}

function Disable({ recoveryCodesLeft, onClose }: { readonly recoveryCodesLeft: number; readonly onClose: () => void }) {
  const { secondFactor: texts } = useTexts().signIn
  const { session } = useSession()
  const flashes = useFlashes()
  const [code, setCode] = useState('')
  const [isTried, setIsTried] = useState(false)
  const disable = useAction(
    async (client) => {
      await client.secondFactor.disable(code)
      return true
    },
    [keyOf(session.userName)],
  )
  const submit = async () => {
    setIsTried(true)
    if (code === '' || !(await disable.run(undefined))) return
    flashes.success(texts.disabled)
    onClose()
  }
  return (
    <FormDialog
      title={texts.title}
      submit={texts.disable}
      {...disable}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <Alert type={recoveryCodesLeft < 3 ? 'warning' : 'success'}>{texts.isEnabled(recoveryCodesLeft)}</Alert>
      <Box>{texts.disableDetail}</Box>
      <CodeField value={code} isTried={isTried} onChange={setCode} />
    </FormDialog>
  )
}
