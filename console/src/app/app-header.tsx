import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation'
import { useState } from 'react'
import type { ServerConnectionState } from '../data/connection.ts'
import { languages } from '../i18n/catalogue.ts'
import { useLanguage } from '../i18n/language.tsx'
import { appearances, chooseAppearance, useAppearance } from './appearance.ts'
import { ChangePassword } from './dialog/change-password.tsx'
import { SecondFactorDialog } from './second-factor/second-factor-dialog.tsx'
import { useSession } from './session.tsx'

const connectionIcons = {
  connecting: 'status-pending',
  connected: 'status-positive',
  reconnecting: 'status-warning',
  disconnected: 'status-negative',
} as const

/** Top bar: product name, connection state, language, appearance and the signed-in user. */
export function AppHeader({ connection }: { readonly connection: ServerConnectionState }) {
  const { texts, language, choose } = useLanguage()
  const { shell } = texts
  const appearance = useAppearance()
  const { session, signOut } = useSession()
  const [dialog, setDialog] = useState<'change-password' | 'second-factor'>()

  const utilities: TopNavigationProps.Utility[] = [
    {
      type: 'button',
      text: shell.connection[connection],
      iconName: connectionIcons[connection],
      disableUtilityCollapse: connection !== 'connected',
      href: '/',
    },
    {
      type: 'menu-dropdown',
      text: shell.language[language],
      iconName: 'globe',
      ariaLabel: `${shell.language.label}: ${shell.language[language]}`,
      title: shell.language.label,
      items: languages.map((id) => ({ id, text: shell.language[id], lang: id })),
      onItemClick: ({ detail }) => choose(languages.find((id) => id === detail.id) ?? language),
    },
    {
      type: 'menu-dropdown',
      text: shell.appearance.label,
      iconName: 'settings',
      ariaLabel: shell.appearance.label,
      title: shell.appearance.label,
      items: appearances.map((id) => ({
        id,
        itemType: 'checkbox' as const,
        checked: id === appearance,
        text: shell.appearance[id],
      })),
      onItemClick: ({ detail }) => chooseAppearance(appearances.find((id) => id === detail.id) ?? appearance),
    },
    {
      type: 'menu-dropdown',
      text: session.userName,
      iconName: 'user-profile',
      ariaLabel: shell.user.menu(session.userName),
      title: shell.user.menu(session.userName),
      description: session.accountId,
      items: [
        { id: 'change-password', text: shell.user.changePassword },
        // Users of an identity provider use that of the provider.
        ...(session.sso ? [] : [{ id: 'second-factor', text: texts.signIn.secondFactor.menu }]),
        { id: 'sign-out', text: shell.user.signOut },
      ],
      onItemClick: ({ detail }) => {
        if (detail.id === 'sign-out') void signOut()
        else setDialog(detail.id === 'second-factor' ? 'second-factor' : 'change-password')
      },
    },
  ]
  return (
    <>
      <TopNavigation identity={{ href: '/', title: shell.product }} utilities={utilities} />
      {dialog === 'change-password' && <ChangePassword onClose={() => setDialog(undefined)} />}
      {dialog === 'second-factor' && <SecondFactorDialog onClose={() => setDialog(undefined)} />}
    </>
  )
}
