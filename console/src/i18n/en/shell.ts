/** Texts of the frame around every page. */
export const shell = {
  product: 'Chandler',
  pageTitle: (page: string) => `${page} · Chandler`,
  navigation: {
    label: 'Console',
    open: 'Open navigation',
    close: 'Close navigation',
    overview: 'Overview',
    instances: 'Instances',
    groups: 'Groups',
    assignments: 'Assignments',
    extensions: 'Extensions',
    batch: 'Batch software management',
    executions: 'Task execution management',
    automation: 'Automation',
    access: 'Access',
    reference: 'API reference',
  },
  skipToContent: 'Skip to main content',
  breadcrumbs: 'Breadcrumbs',
  notifications: 'Notifications',
  dismiss: 'Dismiss',
  language: { label: 'Language', en: 'English', 'zh-CN': '中文（简体）' },
  appearance: { label: 'Appearance', system: 'System default', light: 'Light', dark: 'Dark' },
  connection: {
    connecting: 'Connecting …',
    connected: 'Connected',
    reconnecting: 'Reconnecting …',
    disconnected: 'Disconnected',
    lostDetail:
      'This page may be out of date. The console keeps trying to reconnect and updates the page when the server responds.',
  },
  user: {
    menu: (name: string) => `Signed in as ${name}`,
    changePassword: 'Change password',
    signOut: 'Sign out',
  },
  loading: 'Loading page',
  notFound: {
    title: 'Page not found',
    detail: (path: string) =>
      `The console has no page at ${path}. Check the address; the resource may have been deleted.`,
    back: 'Go to the overview',
  },
  broken: {
    title: 'This page cannot be displayed',
    detail: 'This is a bug in the console; your servers and running executions are not affected.',
    again: 'Reload page',
  },
  comingUp: { title: 'Nothing here yet' },
}
