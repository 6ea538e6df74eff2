/** What is around every page. */
export const shell = {
  product: 'Chandler',
  pageTitle: (page: string) => `${page} · Chandler`,
  navigation: {
    label: 'Console',
    open: 'Open the navigation',
    close: 'Close the navigation',
    overview: 'Overview',
    instances: 'Instances',
    extensions: 'Extensions',
    batch: 'Batch software management',
    executions: 'Task execution management',
    access: 'Access',
    reference: 'API reference',
  },
  skipToContent: 'Skip to the content',
  breadcrumbs: 'Where this page is',
  notifications: 'Messages',
  dismiss: 'Dismiss',
  language: { label: 'Language', en: 'English', 'zh-CN': '中文（简体）' },
  appearance: { label: 'Appearance', system: 'As the system has it', light: 'Light', dark: 'Dark' },
  connection: {
    connecting: 'Connecting …',
    connected: 'Connected',
    reconnecting: 'Reconnecting …',
    disconnected: 'Disconnected',
    lostDetail:
      'The page may be out of date. It is updated as soon as the server answers; the console tries all the time.',
  },
  user: {
    menu: (name: string) => `Signed in as ${name}`,
    changePassword: 'Change password',
    signOut: 'Sign out',
  },
  loading: 'Loading the page',
  notFound: {
    title: 'There is no such page',
    detail: (path: string) =>
      `The console has nothing at ${path}. The address may be misspelt, or what was there was deleted.`,
    back: 'Go to the overview',
  },
  broken: {
    title: 'This page has broken',
    detail: 'That is a mistake of the console, not of yours. Nothing that runs on the servers is affected.',
    again: 'Load the page again',
  },
  comingUp: { title: 'Nothing here yet' },
}
