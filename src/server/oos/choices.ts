interface Choice {
  readonly about: string
  readonly choice: string
  readonly reason: string
}

/**
 * Where nobody outside of Alibaba Cloud can know what OOS does, or where it would be untrue here: what this server does instead, and why. A
 * table of docs/oos-compatibility.md, in this order.
 */
export const choices: readonly Choice[] = [
  // ── the protocol ──
  {
    about: 'RegionId',
    choice: 'any is accepted, and answers name the region of this server',
    reason: 'scripts have their region in them, and whoever calls this server means it',
  },
  {
    about: 'empty parameters',
    choice: 'the same as absent ones',
    reason: 'clients send `NextToken=` for the first page',
  },
  {
    about: 'unknown parameters',
    choice: '`InvalidParameter`, with the name',
    reason: 'a misspelt one must not be passed over in silence',
  },
  {
    about: 'a parameter that comes twice',
    choice: '`InvalidParameter`',
    reason: 'which of the two is meant nobody can know, and a proxy may see the other',
  },
  {
    about: 'MaxResults',
    choice: '1 to 100, default 50',
    reason: 'OOS says 10 or 20 to 100; a smaller page does no harm',
  },
  {
    about: 'NextToken',
    choice: 'empty on the last page; one that another operation gave is `InvalidParameter`',
    reason: 'clients loop until it is empty',
  },
  {
    about: 'signature version 3',
    choice: '`host`, all `x-acs-*` headers and, with a body, `content-type` must be among the signed headers',
    reason: 'what is not signed, somebody on the way may change; the official clients sign all of these',
  },
  {
    about: 'nonces',
    choice:
      'one that an access key used within the last half hour is `SignatureNonceUsed`, on every server of the installation',
    reason: 'a recorded request must not work a second time while its time is within the 15 minutes',
  },
  {
    about: 'security tokens, bearer tokens, RSA and SM3 signatures',
    choice: 'refused',
    reason: 'there is no STS here; an access key belongs to a user',
  },
  {
    about: 'XML',
    choice: 'a list is its element repeated; a name that is none in XML becomes `<Entry Name="…">`',
    reason: 'tags and parameters have names of all kinds',
  },
  {
    about: 'size',
    choice: 'request line and headers up to 256 KiB, a form up to 2 MiB',
    reason: '64 KiB of content are up to 192 KiB in a query',
  },
  {
    about: '`Recommend` of errors',
    choice: 'the pages of this server',
    reason: 'those of Alibaba Cloud know nothing of it',
  },

  // ── the service ──
  {
    about: 'SetServiceSettings',
    choice: 'names are kept; `DeliveryOssEnabled` and `DeliverySlsEnabled` can only be false',
    reason: 'executions and their output stay on this server, and a switch must not pretend otherwise',
  },

  // ── installed state ──
  {
    about: 'ListInstancePackageStates',
    choice: 'what is installed, with the parameters that may be shown; nothing of a change that ended half-way',
    reason: 'the answer has no field that could say so; GET /api/v1/instances has (`broken`)',
  },
  {
    about: 'UpdateInstancePackageState',
    choice:
      'changes what this server believes of the instance, to a version that exists and fits; `ConfigurationInfo` is refused. What an agent says at the end of its next task on that extension counts again',
    reason: 'scripts that install by themselves tell it so; but only the instance knows what is there',
  },
]
