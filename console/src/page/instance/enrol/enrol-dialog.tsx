import { useState } from 'react'
import { EnrolCommand } from './enrol-command.tsx'
import { type CreatedJoinToken, EnrolForm } from './enrol-form.tsx'

/**
 * Creates a join token, then shows the command and the joining instances. The token exists only in
 * this dialog.
 */
export function EnrolDialog({ onClose }: { readonly onClose: () => void }) {
  const [token, setToken] = useState<CreatedJoinToken>()
  return token ? <EnrolCommand token={token} onClose={onClose} /> : <EnrolForm onMade={setToken} onClose={onClose} />
}
