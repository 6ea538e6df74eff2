/** Every limit of the system, each with its reason. Sizes in bytes, times in milliseconds. */

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB
const second = 1000
const minute = 60 * second

/** The largest fleet one server set is built for; a frozen plan of this size is some 40 MB of rows. */
export const maxTargetsPerExecution = 100_000
/** Enough for "one more host each time" on a thousand hosts; each batch costs a few counter rows. */
export const maxBatches = 1_000
/** Every OS and architecture anyone ships for, twice over. */
export const maxConfigurationsPerVersion = 64
/** A script is text a person reviews; what is larger belongs in the artifact. */
export const maxScriptBytes = 256 * KiB
/** The largest packages seen in the field (GPU drivers, databases) are 4-8 GiB. */
export const maxArtifactBytes = 10 * GiB
/** Uploads in pieces that an account has begun: a large version's packages, twice over; each may hold as much as an artifact. */
export const maxOpenUploads = 128
/** An upload that nobody came back to for a night and a morning is forgotten. */
export const uploadKeptMs = 24 * 60 * minute
export const maxParameters = 64
/** More than anybody names by hand; a longer list belongs in a package that depends on them. */
export const maxOsPackages = 64
/** Several extensions in order: one task carries them all out, and says them all. */
export const maxExtensionsPerExecution = 50
/** A certificate chain fits; a file does not. */
export const maxParameterValueBytes = 8 * KiB
/** Beyond it the first and the last half are kept and the bytes cut are counted. */
export const maxOutputBytesPerInvocation = 64 * MiB
/** One message between agent and server; larger content goes through artifacts or in chunks. */
export const maxAgentMessageBytes = 1 * MiB
/** Open invocations in one message of an agent, at 110 bytes each: with what is installed less than a message holds; more come in pages. */
export const maxOpenPerMessage = 4_000
/** Open invocations and installed records of one agent: more than any fleet of executions leaves on one instance, and some 10 MB of memory. */
export const maxOpenPerAgent = 100_000
/** Installed records in one message of an agent, at some 350 bytes each. */
export const maxInstalledPerMessage = 1_000
/** JSON and YAML of the API; artifacts are streamed and have their own limit. */
export const maxApiBodyBytes = 2 * MiB
/** What a server sends to enrol: names, tags and facts, of which a schema allows some 40 KiB; it comes from anyone. */
export const maxEnrolBodyBytes = 64 * KiB
/** A name and a password, with every character escaped; it comes from anyone. */
export const maxSignInBodyBytes = 8 * KiB
/** Of the native API: every filter there is; it is parsed before it is known who asks. */
export const maxQueryBytes = 64 * KiB
/**
 * A call of the OOS API, read before it is known who sends it: a content of 64 KiB, where every byte may become three, and 40 KiB
 * for everything else. What is signed is encoded twice more, which costs some 2 ms of CPU time for 100 KiB.
 */
export const maxOosBodyBytes = 232 * KiB
/** Mistakes that one answer names: more than anybody corrects before trying again. */
export const maxProblems = 100
/** Request line and headers: OOS clients put 64 KiB of content into the query, where every byte may become three. */
export const maxRequestHeadBytes = 256 * KiB
/** Alibaba Cloud's own; further from the server's clock a signed request is old, or from a clock that must be set. */
export const signatureWindowMs = 15 * minute
/** A nonce is kept for as long as its request could come again: from the earliest to the latest time of the window, and clocks of replicas apart. */
export const nonceKeptMs = 2 * signatureWindowMs + 5 * minute
/** JSON nested deeper than this is nobody's request and costs stack. */
export const maxJsonDepth = 64
/** CPU time of one request without credentials, whatever it holds: what anyone can send must not keep the server from its work. */
export const maxCpuWithoutCredentialsMs = 5
/** File descriptors of one process (ulimit -n 20,000 and up) and some 8 KB memory each. */
export const maxAgentsPerReplica = 20_000
/** Agents' sockets that have not proved who they are: an honest one does so at once, thousands of them within a second … */
export const maxUnprovenAgents = 2_000
/** … of which those behind one address (a whole site may be) take no more than half; the others come again after a second or more. */
export const maxUnprovenAgentsPerAddress = 1_000
/** By then an agent has said hello; on a slow line that takes a second. */
export const helloTimeoutMs = 10 * second
/** The first message of an agent, read before it is known who it is: facts, and a name for each of its open invocations. */
export const maxHelloBytes = 256 * KiB
/** HTTP connections without valid credentials so far, of browsers that show the sign-in page and of anyone. */
export const maxUnprovenConnections = 6_000
/** A site behind one address may have this many agents that begin a download in the same instant. */
export const maxUnprovenConnectionsPerAddress = 2_000
/** A connection that is younger is not closed in favour of another: its first request may be on its way. */
export const unprovenGraceMs = 2 * second
/** Agents, and as many HTTP connections as a console's users and downloads need; each is a file descriptor. */
export const maxConnections = maxAgentsPerReplica + 12_000
/** A head arrives in one piece, or nearly. */
export const requestHeadTimeoutMs = 10 * second
/** A body of the API of 2 MiB at 300 kbit/s. */
export const requestTimeoutMs = minute
/** A body of someone who has not shown who they are: 400 KiB at most, at 160 kbit/s. */
export const unprovenRequestTimeoutMs = 20 * second
/** An upload that is slower, over the window, is somebody who holds a connection. */
export const minUploadBytesPerSecond = 1 * KiB
export const uploadRateWindowMs = 30 * second
/** One piece of output on the wire: small enough to be live, large enough not to drown in headers. */
export const maxOutputChunkBytes = 64 * KiB
/** RAM's own limit for a custom policy; every request of its users is held against it. */
export const maxPolicyBytes = 6 * KiB
/** As OSS has it, and so does every other store of objects. */
export const maxObjectKeyBytes = 1_023
/** As OOS has it; in a query that is up to three times as much. */
export const maxOosContentBytes = 64 * KiB
export const maxExtensionNameLength = 200
export const maxDescriptionLength = 4_096
export const maxInstanceNameLength = 128
export const maxTagsPerInstance = 32
export const maxTagLength = 128

export const defaultScriptTimeoutMs = 7_200 * second
/** A command is short; Cloud Assistant gives it this long if nothing is said. */
export const defaultCommandTimeoutMs = 60 * second
/** A package manager downloads, and may have to wait for another. */
export const defaultOsPackageTimeoutMs = 15 * minute
export const maxScriptTimeoutMs = 24 * 60 * minute
/** Invocations of different extensions that an agent carries out at once: packages unpack side by side, and the instance stays usable. */
export const parallelInvocations = 4
/** Between TERM and KILL. */
export const killGraceMs = 10 * second
/** How long an instance that is away is waited for before its task fails as unreachable. */
export const defaultDeliveryTimeoutMs = 10 * minute
export const maxDeliveryTimeoutMs = 7 * 24 * 60 * minute
/** Cancelling is answered within 30 s even if the agent is gone: this, and what timers and writing take. */
export const cancelTimeoutMs = 25 * second
/** An agent's own timeout fires first; the server gives it this much more before it calls an invocation lost. */
export const reportGraceMs = 2 * minute
/** An agent that is downloading and says nothing for this long is taken for lost: 10 GiB at 12 Mbit/s. */
export const maxDownloadMs = 120 * minute
/** How often agents say they are there, and replicas too. */
export const agentHeartbeatMs = 30 * second
/** How often a server says in the database that it is there. */
export const presenceEveryMs = 5 * second
/** No server has said so for this long: none was there (or the database's clock was set). Six times as long as it takes; a server that starts takes half of it. */
export const absenceMs = 30 * second
/** After an absence agents have this long to come back before anything is given up: twice the longest pause between their attempts. */
export const reconnectGraceMs = 2 * minute
/** How old the key of an instance becomes: a copy of a state directory is useless, and noticed, a month later at the latest. */
export const agentKeyMaxAgeMs = 30 * 24 * 60 * minute
/** A chart goes back a year; three rows an hour are 26,000 of them. */
export const activityKeptDays = 366
export const defaultBatchConcurrency = 20
export const defaultConcurrency = 10

/** Targets of a plan in one answer and in one stored row: about 200 KB, so that neither blocks others. */
export const planPageSize = 1_000
/** A plan is kept for its further pages and for what differs when it is started: longer than a person looks at it. */
export const planKeptMs = 60 * minute
/** Of one user, so that nobody fills the database with plans: 100,000 targets are about 3 MB. */
export const maxPlansPerUser = 20
/** Targets that the difference of two plans names of each kind; all are counted. */
export const maxNamedDifferences = 20

/** Of one stream: thirty tabs of a browser, each with an execution and a log. Each costs its queries as on a stream of its own. */
export const maxStreamTopics = 64

/** A session of the console ends that long after it was last used … */
export const sessionIdleMs = 12 * 60 * minute
/** … and that long after it began. */
export const maxSessionMs = 7 * 24 * 60 * minute

/** Failed sign-ins of an address within a minute, or of a user within a quarter of an hour, that are answered without a delay. */
export const attemptsBeforeDelay = 20
export const failureWindowMs = minute
export const failedSignInsKeptMs = 15 * minute
/** After that a password is compared later, twice as late with every five failures … */
export const firstSignInDelayMs = 1 * second
/** … but no later than that: the user who is attacked has to wait as long. */
export const maxSignInDelayMs = 30 * second
/** Attempts that wait at once; one address alone does not take the places of all others who sign in as the same user. */
export const maxAttemptsUnderWay = { ofAddress: 3, ofSubject: 200 }

/** Ids of targets in one entry of the audit log: some 5 KB. An entry says how many more there were. */
export const maxAuditTargets = 200
/** Ten years: what is meant to hold longer does not expire. */
export const maxAccessKeyTtlMs = 3_653 * 24 * 60 * minute
/** What NIST SP 800-63B and OWASP ask for where there is no second factor is 15 and 12; a strength check comes on top. */
export const minPasswordLength = 12
/** In characters; more costs nothing to hash, but it is sent and held in memory. */
export const maxPasswordLength = 256
/** A filter as text: 32 conditions, each with a value of 128 letters and a key, escaped. */
export const maxFilterLength = 16_384
