/** Every limit of the system, each with its reason. Sizes in bytes, times in milliseconds. */

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB
const second = 1000
const minute = 60 * second

/**
 * The largest fleet that one installation is built for; a frozen plan of this size is some 40 MB of
 * rows.
 */
export const maxTargetsPerExecution = 100_000
/**
 * Enough to add one instance per batch on a thousand instances; each batch costs a few counter
 * rows.
 */
export const maxBatches = 1_000
/** A soak time, a few queries and an approval; each costs a row per batch. */
export const maxGates = 10
/** Twice the number of OS and architecture combinations that vendors support. */
export const maxConfigurationsPerVersion = 64
/** A script is text that people review; larger content belongs in the artifact. */
export const maxScriptBytes = 256 * KiB
/** The largest packages seen in the field (GPU drivers, databases) are 4-8 GiB. */
export const maxArtifactBytes = 10 * GiB
/**
 * Resumable uploads in progress per account: twice the packages of a large version; each may be as
 * large as an artifact.
 */
export const maxOpenUploads = 128
/** An unfinished upload is deleted if it was not used for this long. */
export const uploadKeptMs = 24 * 60 * minute
export const maxParameters = 64
/** Publishers, their keys of several years, and consents to a rollback; each has at most 3 KiB. */
export const maxSignaturesPerSubject = 16
/** Targets of an execution that approvers sign: each has a stored proof of a kilobyte. */
export const maxSignedTargets = 10_000
/** Different work in one signed plan: approvers read it, and every task carries it. */
export const maxWorkPerPlan = 256
/** A plan goes to an agent in one message, beside a script. */
export const maxPlanBytes = 256 * KiB
/** Validity of signatures of approvers. */
export const defaultPlanValidityMs = 24 * 60 * minute
export const maxPlanValidityMs = 90 * 24 * 60 * minute
/** More than users list by hand; a longer list belongs in a package with dependencies. */
export const maxOsPackages = 64
/** Distributions of ID_LIKE: real ones name at most five. */
export const maxPlatformRelatives = 16
/** Several extensions in order: one task runs them all, and its reason names them all. */
export const maxExtensionsPerExecution = 50
/** A certificate chain fits; a file does not. */
export const maxParameterValueBytes = 8 * KiB
/** Beyond it the first and the last half are kept, and the removed bytes are counted. */
export const maxOutputBytesPerInvocation = 64 * MiB
/** One message between agent and server; larger content goes through artifacts or in chunks. */
export const maxAgentMessageBytes = 1 * MiB
/**
 * Open invocations in one message of an agent, at 110 bytes each: together with the installed
 * records less than a message may contain; more are sent in pages.
 */
export const maxOpenPerMessage = 4_000
/**
 * Open invocations and installed records of one agent: more than executions leave on one instance,
 * and some 10 MB of memory.
 */
export const maxOpenPerAgent = 100_000
/** Drifted extensions that an agent reports; further ones are repaired after these. */
export const maxDriftEntries = 200
/** Installed records in one message of an agent, at some 350 bytes each. */
export const maxInstalledPerMessage = 1_000
/** JSON and YAML of the API; artifacts are streamed and have their own limit. */
export const maxApiBodyBytes = 2 * MiB
/**
 * The body of an enrolment: names, tags and facts, of which a schema allows some 40 KiB; the sender
 * is not authenticated.
 */
export const maxEnrolBodyBytes = 64 * KiB
/** A name and a password, with every character escaped; the sender is not authenticated. */
export const maxSignInBodyBytes = 8 * KiB
/** Query of the native API: fits every filter; it is parsed before authentication. */
export const maxQueryBytes = 64 * KiB
/**
 * A call of the OOS API, which is read before authentication: a content of 64 KiB, where every byte
 * may become three, and 40 KiB for everything else. The signed text is encoded twice more, which
 * costs some 2 ms of CPU time for 100 KiB.
 */
export const maxOosBodyBytes = 232 * KiB
/** Problems in one response: more than a user corrects before the next attempt. */
export const maxProblems = 100
/**
 * Request line and headers: OOS clients send 64 KiB of content in the query, where every byte may
 * become three.
 */
export const maxRequestHeadBytes = 256 * KiB
/**
 * Alibaba Cloud's own: a signed request whose time differs more from the server's clock has
 * expired, or its clock is wrong.
 */
export const signatureWindowMs = 15 * minute
/**
 * How long a nonce is stored: as long as its request could be replayed, from the earliest to the
 * latest time of the window, plus the clock difference of replicas.
 */
export const nonceKeptMs = 2 * signatureWindowMs + 5 * minute
/** No valid request nests JSON deeper, and parsing deep nesting costs stack. */
export const maxJsonDepth = 64
/**
 * CPU time of one unauthenticated request, whatever its content, so that such requests cannot
 * overload the server.
 */
export const maxCpuWithoutCredentialsMs = 5
/** File descriptors of one process (ulimit -n 20,000 and up) and some 8 KB memory each. */
export const maxAgentsPerReplica = 20_000
/**
 * Agent sockets before authentication: an honest agent authenticates immediately, thousands of them
 * within a second …
 */
export const maxUnprovenAgents = 2_000
/**
 * … of which those behind one address (possibly a whole site) may use at most half; the others
 * retry after a second or more.
 */
export const maxUnprovenAgentsPerAddress = 1_000
/** An agent sends its hello within this time; on a slow line that takes a second. */
export const helloTimeoutMs = 10 * second
/**
 * The first message of an agent, read before authentication: facts, and an id for each of its open
 * invocations.
 */
export const maxHelloBytes = 256 * KiB
/**
 * HTTP connections without a valid request so far, of browsers with the sign-in page and of unknown
 * clients.
 */
export const maxUnprovenConnections = 6_000
/**
 * A site behind one address may have this many agents that begin a download at the same instant.
 */
export const maxUnprovenConnectionsPerAddress = 2_000
/** A younger connection is not closed in favour of another: its first request may be on its way. */
export const unprovenGraceMs = 2 * second
/**
 * Agents, and as many HTTP connections as a console's users and downloads need; each is a file
 * descriptor.
 */
export const maxConnections = maxAgentsPerReplica + 12_000
/** A request head arrives in one packet, or nearly. */
export const requestHeadTimeoutMs = 10 * second
/** A body of the API of 2 MiB at 300 kbit/s. */
export const requestTimeoutMs = minute
/** A body of an unauthenticated request: 400 KiB at most, at 160 kbit/s. */
export const unprovenRequestTimeoutMs = 20 * second
/** An upload that is slower over the window only occupies a connection. */
export const minUploadBytesPerSecond = 1 * KiB
export const uploadRateWindowMs = 30 * second
/**
 * One chunk of output on the wire: small enough to be live, large enough to keep the overhead of
 * headers low.
 */
export const maxOutputChunkBytes = 64 * KiB
/** RAM's own limit for a custom policy; the server evaluates it for every request of its users. */
export const maxPolicyBytes = 6 * KiB
/** The limit of OSS, and of other object stores. */
export const maxObjectKeyBytes = 1_023
/** The limit of OOS; in a query that is up to three times as much. */
export const maxOosContentBytes = 64 * KiB
export const maxExtensionNameLength = 200
export const maxDescriptionLength = 4_096
/** Descriptions of executions, groups and assignments, and comments: as in OOS. */
export const maxNoteLength = 1_024
/** English texts between servers and agents: the reason of an end, and why a server refuses an artifact. */
export const maxReasonLength = 1_024
export const maxInstanceNameLength = 128
export const maxTagsPerInstance = 32
export const maxTagLength = 128

export const defaultScriptTimeoutMs = 7_200 * second
/** A command is short; this is Cloud Assistant's default. */
export const defaultCommandTimeoutMs = 60 * second
/** A package manager downloads, and may have to wait for another. */
export const defaultOsPackageTimeoutMs = 15 * minute
/** A new agent that has not connected by then is replaced by the earlier one. */
export const defaultAgentConnectTimeoutMs = 2 * minute
export const minAgentConnectTimeoutMs = 1_000
export const maxAgentConnectTimeoutMs = 4 * minute
/** Unpacking, a restart of the agent, two minutes to connect, and as much for the way back. */
export const agentUpgradeTimeoutMs = 10 * minute
export const maxScriptTimeoutMs = 24 * 60 * minute
/**
 * Invocations of different extensions that an agent runs at once: packages unpack in parallel, and
 * the instance remains usable.
 */
export const parallelInvocations = 4
/** Between TERM and KILL. */
export const killGraceMs = 10 * second
/** How long the server waits for an offline instance before its task fails as unreachable. */
export const defaultDeliveryTimeoutMs = 10 * minute
export const maxDeliveryTimeoutMs = 7 * 24 * 60 * minute
/**
 * The time for a reboot, from the decision to the return of the agent: virtual machines take one to
 * three minutes, physical servers up to eight.
 */
export const defaultRebootTimeoutMs = 10 * minute
export const minRebootTimeoutMs = 10 * second
/** Servers that check their file systems or their memory at boot. */
export const maxRebootTimeoutMs = 24 * 60 * minute
/**
 * Reboots of one invocation: each of its scripts can request one, and an invocation has at most
 * six.
 */
export const maxRebootsPerInvocation = 6
/** How often an agent repeats a reboot command before it reports that the machine does not reboot. */
export const maxRebootAttempts = 3
/** A cancel completes within 30 s even without the agent: this, plus timers and writes. */
export const cancelTimeoutMs = 25 * second
/**
 * The agent's own timeout fires first; the server waits this much longer before it marks an
 * invocation as lost.
 */
export const reportGraceMs = 2 * minute
/**
 * The server marks an invocation as lost if its agent is downloading and sends no report for this
 * long: 10 GiB at 12 Mbit/s.
 */
export const maxDownloadMs = 120 * minute
/** Heartbeat interval of agents and of replicas. */
export const agentHeartbeatMs = 30 * second
/** How often a server writes its presence to the database. */
export const presenceEveryMs = 5 * second
/**
 * If no server has written its presence for this long, none was running (or the database's clock
 * was changed). Six intervals; a server that starts uses half of it.
 */
export const absenceMs = 30 * second
/**
 * After an absence agents have this long to reconnect before anything is given up: twice the
 * longest pause between their attempts.
 */
export const reconnectGraceMs = 2 * minute
/**
 * Maximum age of an instance's key: a copy of a state directory becomes useless, and is detected,
 * within a month.
 */
export const agentKeyMaxAgeMs = 30 * 24 * 60 * minute
/** A chart covers a year; three rows an hour are 26,000. */
export const activityKeptDays = 366
export const defaultBatchConcurrency = 20
export const defaultConcurrency = 10

/**
 * Targets of a plan in one response and in one stored row: about 200 KB, so that neither blocks
 * others.
 */
export const planPageSize = 1_000
/**
 * A plan is stored for its further pages and for the comparison at the start: longer than a user
 * reviews it.
 */
export const planKeptMs = 60 * minute
/** Stored plans per user, which limits the use of the database: 100,000 targets are about 3 MB. */
export const maxPlansPerUser = 20
/** Targets that a plan difference names of each kind; all are counted. */
export const maxNamedDifferences = 20

/**
 * Topics of one stream: thirty browser tabs, each with an execution and a log. Each costs the same
 * queries as on a stream of its own.
 */
export const maxStreamTopics = 64

/** A console session ends this long after its last use … */
export const sessionIdleMs = 12 * 60 * minute
/** … and this long after it began. */
export const maxSessionMs = 7 * 24 * 60 * minute

/**
 * Failed sign-ins per address within a minute, or per user within 15 minutes, that are answered
 * without a delay.
 */
export const attemptsBeforeDelay = 20
export const failureWindowMs = minute
export const failedSignInsKeptMs = 15 * minute
/** After that the response is delayed, doubling with every five failures … */
export const firstSignInDelayMs = 1 * second
/** … up to this limit, because the attacked user has to wait as long. */
export const maxSignInDelayMs = 30 * second
/**
 * Concurrently delayed attempts; one address cannot use up the capacity of all others that sign in
 * as the same user.
 */
export const maxAttemptsUnderWay = { ofAddress: 3, ofSubject: 200 }

/**
 * Ids of targets in one audit log entry: some 5 KB. An entry contains the number of further ones.
 */
export const maxAuditTargets = 200
/** Ten years: a key that should last longer does not expire. */
export const maxAccessKeyTtlMs = 3_653 * 24 * 60 * minute
/** A key of a service account expires: somebody replaces it, or finds out that nothing uses it. */
export const defaultServiceKeyTtlMs = 90 * 24 * 60 * minute
export const maxServiceKeyTtlMs = 366 * 24 * 60 * minute
/**
 * NIST SP 800-63B and OWASP require 15 and 12 without a second factor; a strength check is applied
 * in addition.
 */
export const minPasswordLength = 12
/** In characters; hashing a longer one costs nothing more, but it is sent and held in memory. */
export const maxPasswordLength = 256
/** A filter as text: 32 conditions, each with a value of 128 letters and a key, escaped. */
export const maxFilterLength = 16_384

/** The list of groups counts the instances of each in one request. */
export const maxGroupsPerAccount = 200

/** Each is evaluated whenever something changes. */
export const maxAssignmentsPerAccount = 200

/** All of them are listed at once. */
export const maxSecretsPerAccount = 1_000
