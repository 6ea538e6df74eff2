const pages: Readonly<Record<string, (name: string) => string>> = {
  extension: (name) => `/extensions/${name}`,
  template: (name) => `/extensions/${name}`,
  instance: (name) => `/instances/${name}`,
  execution: (name) => `/executions/${name}`,
  user: (name) => `/access?tab=users&selected=${name}`,
  policy: (name) => `/access?tab=policies&policy=${name}`,
  role: (name) => `/access?tab=roles&find=${name}`,
  'access-key': (name) => `/access?tab=keys&selected=${name}`,
  'join-token': (name) => `/access?tab=tokens&selected=${name}`,
}

/** Console page of an entry's resource (`extension/demo`); undefined: none. */
export function findResourcePage(resource: string): string | undefined {
  const [kind = '', name = ''] = resource.split('/')
  return name !== '' && Object.hasOwn(pages, kind) ? pages[kind]?.(encodeURIComponent(name)) : undefined
}

/** `userName: ci, force: true`: the details on one line. */
export const renderAuditDetail = (detail: Readonly<Record<string, unknown>>): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
