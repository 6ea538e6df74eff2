/**
 * The full name of a resource as policies use it: `acs:SERVICE:REGION:ACCOUNT:RELATIVE`. The
 * service is that of the action. Users, policies and roles (`ram`) and buckets (`oss`) have no
 * region.
 * @param relative such as `template/demo`, `instance/i-…`, `my-bucket/demo.tar.gz`; `*` and
 * `template/*` for lists
 */
export function resourceNameOf(
  action: string,
  { region, accountId }: { readonly region: string; readonly accountId: string },
  relative: string,
): string {
  const service = action.slice(0, action.indexOf(':'))
  return `acs:${service}:${service === 'ram' || service === 'oss' ? '*' : region}:${accountId}:${relative}`
}
