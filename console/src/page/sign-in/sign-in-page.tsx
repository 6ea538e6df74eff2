import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Form from '@cloudscape-design/components/form'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type SubmitEvent, useEffect, useState } from 'react'
import { createClient } from '../../../../src/client/client.ts'
import { ClientError } from '../../../../src/client/client-error.ts'
import type { SessionView } from '../../../../src/protocol/api/sessions.ts'
import { ProblemAlert } from '../../app/problem-alert.tsx'
import { CodeField } from '../../app/second-factor/code-field.tsx'
import { useTexts } from '../../i18n/language.tsx'
import { LanguageChoice } from './language-choice.tsx'

const setPasswordCommand = 'chandler user set-password admin'

interface Sso {
  readonly name: string
  readonly path: string
}

/** The identity provider of the organisation; users can always sign in with a password. */
function useSso(): Sso | undefined {
  const [sso, setSso] = useState<Sso>()
  useEffect(() => {
    createClient({ server: location.origin, session: true })
      .session.methods()
      .then(
        (methods) => setSso(methods.sso),
        // The form below works without it, and reports an unreachable server when it is sent.
        (error: unknown) => {
          if (!(error instanceof ClientError)) throw error
        },
      )
  }, [])
  return sso
}

export function SignInPage({
  hasEnded,
  onSignedIn,
}: {
  readonly hasEnded: boolean
  readonly onSignedIn: (session: SessionView) => void
}) {
  const { shell, signIn } = useTexts()
  const [userName, setUserName] = useState('')
  const [password, setPassword] = useState('')
  const [isTried, setIsTried] = useState(false)
  /** Undefined: the server has not asked for it. */
  const [code, setCode] = useState<string>()
  const [isCodeTried, setIsCodeTried] = useState(false)
  const [isRunning, setIsRunning] = useState(false)
  const [error, setError] = useState<ClientError>()
  const sso = useSso()
  const [ssoError] = useState(() => new URLSearchParams(location.search).get('signInError') ?? undefined)
  useEffect(() => {
    document.title = shell.pageTitle(signIn.title)
  }, [shell, signIn])

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setIsTried(true)
    if (userName === '' || password === '') return
    setIsCodeTried(code !== undefined)
    if (code === '') return
    setIsRunning(true)
    setError(undefined)
    try {
      const client = createClient({ server: location.origin, session: true })
      onSignedIn(await client.session.signIn({ userName, password, ...(code !== undefined && { code }) }))
    } catch (caught) {
      if (!(caught instanceof ClientError)) throw caught
      setIsRunning(false)
      if (caught.code === 'SecondFactorRequired') return setCode('')
      setError(caught)
      if (caught.code === 'SecondFactorWrong') setCode('')
      setIsCodeTried(false)
    }
  }

  return (
    <div className="sign-in">
      <main>
        <SpaceBetween size="l">
          <Box variant="h1" textAlign="center">
            {shell.product}
          </Box>
          {hasEnded && <Alert type="info">{signIn.ended}</Alert>}
          <form onSubmit={(event) => void submit(event)} noValidate>
            <Container header={<Header description={signIn.intro}>{signIn.title}</Header>}>
              <Form
                actions={
                  <Button variant="primary" formAction="submit" loading={isRunning}>
                    {signIn.submit}
                  </Button>
                }
              >
                <SpaceBetween size="m">
                  <ProblemAlert error={error} />
                  {ssoError !== undefined && <Alert type="error">{signIn.ssoFailed(ssoError)}</Alert>}
                  {sso && (
                    <Button href={sso.path} fullWidth>
                      {signIn.withProvider(sso.name)}
                    </Button>
                  )}
                  <FormField
                    label={signIn.userName}
                    errorText={isTried && userName === '' ? signIn.userNameMissing : undefined}
                  >
                    <Input
                      value={userName}
                      name="username"
                      autoComplete="username"
                      autoFocus
                      spellcheck={false}
                      onChange={({ detail }) => setUserName(detail.value)}
                    />
                  </FormField>
                  <FormField
                    label={signIn.password}
                    errorText={isTried && password === '' ? signIn.passwordMissing : undefined}
                  >
                    <Input
                      value={password}
                      type="password"
                      name="password"
                      autoComplete="current-password"
                      onChange={({ detail }) => setPassword(detail.value)}
                    />
                  </FormField>
                  {code !== undefined && <CodeField value={code} isTried={isCodeTried} onChange={setCode} />}
                  <ExpandableSection headerText={signIn.help} variant="footer">
                    <SpaceBetween size="xs">
                      <Box>{signIn.helpFirstStart}</Box>
                      <Box>{signIn.helpCommand}</Box>
                      <Box variant="code">{setPasswordCommand}</Box>
                    </SpaceBetween>
                  </ExpandableSection>
                </SpaceBetween>
              </Form>
            </Container>
          </form>
          <LanguageChoice />
        </SpaceBetween>
      </main>
    </div>
  )
}
