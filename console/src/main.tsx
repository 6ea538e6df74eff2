import '@cloudscape-design/global-styles/index.css'
import './console.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { startAppearance } from './app/appearance.ts'
import { watchBack } from './app/dialog/back-guard.ts'

watchBack()
startAppearance()
const place = document.getElementById('console')
if (!place) throw new Error('index.html has no place for the console')
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
