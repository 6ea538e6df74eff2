import type { SetupPlaces } from './setup-request.ts'

/** EX_CONFIG of sysexits.h: systemd does not start the agent again until an operator does. */
export const exitCodeOfCopiedState = 78
/** EX_NOPERM of sysexits.h: an operator has removed the instance at the server. systemd does the same. */
export const exitCodeOfRemovedInstance = 77

export const unitName = 'chandler-agent.service'

/** The command that starts the installed agent: what the service runs, and what an operator runs without one. */
export const agentCommand = ({ prefix, state }: SetupPlaces, server: string): string =>
  `${prefix}/current/bin/chandler-agent --server ${server} --state ${state}`

/** Variables of the service: forward proxies. */
export const environmentFileOf = (state: string): string => `${state}/environment`

/**
 * The unit file of the systemd service. Scripts, and daemons that they start, are in the control group of the agent:
 * they outlive it (KillMode), and no limit of the agent may apply to them.
 */
export const renderUnit = (places: SetupPlaces, server: string): string => `[Unit]
Description=Chandler agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${agentCommand(places, server)}
EnvironmentFile=-${environmentFileOf(places.state)}
Restart=always
RestartSec=5
RestartPreventExitStatus=${exitCodeOfRemovedInstance} ${exitCodeOfCopiedState}
KillMode=process
TimeoutStopSec=30
OOMPolicy=continue
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`

export const guardUnitName = 'chandler-agent-upgrade.service'

/**
 * The unit that ends an upgrade if the machine reboots before the new version has connected. The
 * earlier version runs it, because the new one may not run at all.
 */
export const renderGuard = (
  { prefix, state }: SetupPlaces,
  { earlier, program, withinMs }: { readonly earlier: string; readonly program: string; readonly withinMs: number },
): string => `[Unit]
Description=Chandler agent: end of an interrupted upgrade
After=${unitName}

[Service]
ExecStart=${prefix}/${earlier}/bin/chandler-agent setup settle --program ${program} --within ${Math.ceil(withinMs / 1_000)} --prefix ${prefix} --state ${state}

[Install]
WantedBy=multi-user.target
`

/** Whether the service of this unit file starts a program below `prefix`. */
export const startsProgramBelow = (unit: string, prefix: string): boolean =>
  unit.split('\n').some((line) => line.startsWith(`ExecStart=${prefix}/`))
