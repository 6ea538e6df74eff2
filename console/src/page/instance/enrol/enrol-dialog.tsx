import { useState } from 'react'
import { EnrolCommand } from './enrol-command.tsx'
import { type CreatedJoinToken, EnrolForm } from './enrol-form.tsx'

/** Makes a join token, then shows the one command that servers join with, and who does. The token is kept here only, and gone when this closes. */
export function EnrolDialog({ onClose }: { readonly onClose: () => void }) {
  const [token, setToken] = useState<CreatedJoinToken>()
  return token ? <EnrolCommand token={token} onClose={onClose} /> : <EnrolForm onMade={setToken} onClose={onClose} />
}
