import { I18nProvider, type I18nProviderProps } from '@cloudscape-design/components/i18n'
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { recallChoice, rememberChoice } from '../app/remembered-choice.ts'
import { loadPart } from '../data/load-part.ts'
import { type Catalogue, type Language, languages } from './catalogue.ts'
import { createFormat, type Format } from './format.ts'

interface LanguageContext {
  readonly language: Language
  readonly choose: (language: Language) => void
  readonly texts: Catalogue
  readonly format: Format
}

const Context = createContext<LanguageContext | undefined>(undefined)

/** Loads a catalogue on demand, together with the texts of the component library. */
const loadTexts: Record<Language, () => Promise<readonly [Catalogue, I18nProviderProps.Messages]>> = {
  en: async () => {
    const [own, messages] = await Promise.all([
      import('./en/en.ts'),
      import('@cloudscape-design/components/i18n/messages/all.en'),
    ])
    return [own.en, messages.default]
  },
  'zh-CN': async () => {
    const [own, messages] = await Promise.all([
      import('./zh-cn/zh-cn.ts'),
      import('@cloudscape-design/components/i18n/messages/all.zh-CN'),
    ])
    return [own.zhCn, messages.default]
  },
}

/** The user's choice, otherwise the first supported language of the browser. */
function findLanguage(): Language {
  const candidates = [recallChoice('language'), ...navigator.languages].filter((candidate) => candidate !== undefined)
  for (const candidate of candidates) {
    const found = languages.find((language) => language.split('-')[0] === candidate.split('-')[0])
    if (found) return found
  }
  return 'en'
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(findLanguage)
  const [loaded, setLoaded] = useState<{ language: Language; texts: Catalogue; messages: I18nProviderProps.Messages }>()
  const [failure, setFailure] = useState<Error>()

  useEffect(() => {
    let isCurrent = true
    loadPart(loadTexts[language]).then(
      ([texts, messages]) => isCurrent && setLoaded({ language, texts, messages }),
      (error: Error) => isCurrent && setFailure(error),
    )
    return () => void (isCurrent = false)
  }, [language])

  useEffect(() => {
    if (loaded) document.documentElement.lang = loaded.language
  }, [loaded])

  const value = useMemo(
    () =>
      loaded && {
        language: loaded.language,
        texts: loaded.texts,
        format: createFormat(loaded.language),
        choose: (next: Language) => {
          rememberChoice('language', next)
          setLanguage(next)
        },
      },
    [loaded],
  )
  if (failure) throw failure
  if (!loaded || !value) return null
  return (
    <I18nProvider locale={loaded.language} messages={[loaded.messages]}>
      <Context value={value}>{children}</Context>
    </I18nProvider>
  )
}

export function useLanguage(): LanguageContext {
  const context = use(Context)
  if (!context) throw new Error('useLanguage outside of LanguageProvider')
  return context
}

/** The texts in the user's language: `const { access } = useTexts()`. */
export const useTexts = (): Catalogue => useLanguage().texts
/** Formats of numbers, times and sizes for the user's language. */
export const useFormat = (): Format => useLanguage().format
