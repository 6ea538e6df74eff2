import { useTexts } from '../../i18n/language.tsx'

/** Label of an optional field. */
export function Optional({ label }: { readonly label: string }) {
  const { access } = useTexts()
  return (
    <>
      {label} – <i>{access.users.optional}</i>
    </>
  )
}
