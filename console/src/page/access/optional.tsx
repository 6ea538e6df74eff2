import { useTexts } from '../../i18n/language.tsx'

/** The name of a field that may stay empty. */
export function Optional({ label }: { readonly label: string }) {
  const { access } = useTexts()
  return (
    <>
      {label} – <i>{access.users.optional}</i>
    </>
  )
}
