import { useState } from 'react'
import { recallChoice, rememberChoice } from '../../../app/remembered-choice.ts'
import { readTableChoices, type TableChoices } from './table-choices.ts'

/** Table preferences stored in this browser. */
export function useTableChoices(): [TableChoices, (choices: TableChoices) => void] {
  const [choices, setChoices] = useState(() => readTableChoices(recallChoice('instances')))
  return [
    choices,
    (chosen) => {
      setChoices(chosen)
      rememberChoice('instances', JSON.stringify(chosen))
    },
  ]
}
