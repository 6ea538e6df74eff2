import { plural } from '../plural.ts'

const instances = (count: number) => plural(count, 'instance')

export const batch = {
  description: 'Install, update or remove your own software on many instances in controlled batches.',
  next: 'Next: parameter confirmation',
  otherKind: 'That execution did not manage a single extension. Run it again from the command line.',
  withoutSecrets: (names: string) => `Secret values are never displayed. Enter ${names} again.`,
  mistakes: 'Some fields are missing or invalid. See the messages above.',

  operation: {
    title: 'Operation',
    action: 'Action',
    actions: {
      install: { label: 'Install', detail: 'Install this version on instances that do not have it.' },
      update: { label: 'Update', detail: 'Change only instances that already have the extension.' },
      uninstall: { label: 'Uninstall', detail: 'Remove the installed version from each instance.' },
      upgradeAgents: { label: 'Upgrade agents', detail: 'Upgrade the agents to the version of the server.' },
    },
    extension: 'Extension',
    extensionHint: 'Choose one of your extensions.',
    chooseExtension: 'Choose an extension',
    findExtension: 'Find an extension',
    noExtension: 'No extensions yet.',
    createExtension: 'Create extension',
    extensionMissing: 'Choose an extension.',
    installedOn: (count: number) => (count === 0 ? 'not installed' : `installed on ${instances(count)}`),
    version: 'Version',
    newest: (version: string) => `${version} (latest)`,
    deprecated: 'deprecated',
    chooseVersion: 'Choose a version',
    noVersion: 'All versions are deprecated. Create a version, or make a deprecated one available again.',
    versionDeprecated: (version: string) => `${version} is deprecated. Choose another version.`,
    versionUnknown: (version: string) => `Version ${version} does not exist.`,
    noVersionNeeded: 'Uninstall removes the installed version from each instance.',
    agentsKeep:
      'Running scripts continue. An agent that does not connect within 2 minutes returns to its earlier version, and its task fails.',
  },

  options: {
    reinstall: {
      label: 'Reinstall the same version',
      detail:
        'Run the install again where this version is installed with the same configuration and parameters. Otherwise the agent only verifies it.',
    },
    allowRemovals: {
      label: 'Allow the package manager to remove other packages',
      detail:
        'Packages that conflict with this change or depend on it may be removed. Otherwise the task fails and names them.',
    },
    autoremove: {
      label: 'Remove dependencies that become unneeded',
      detail:
        'OS packages that were installed automatically, and that nothing needs after this change, are removed too. Otherwise they are kept.',
    },
    reboot: {
      label: 'Allow reboots',
      detail:
        'Reboot an instance when a script requests it, then continue with its next step. Otherwise the task succeeds with the note that a reboot is required.',
    },
    skipOffline: {
      label: 'Skip offline instances',
      detail: 'Skip instances that are offline when the execution is planned, instead of waiting for them.',
    },
    strict: {
      label: 'Strict verdict',
      detail:
        'Set the verdict to Failed if any target is left out, fails or never starts, even within the accepted failures.',
    },
  },

  reboot: {
    minutes: 'Time limit for a reboot, in minutes',
    minutesHint: (time: string) =>
      `The instance must return within this time, otherwise its task fails. Default: ${time}.`,
    invalid: (min: string, max: string) => `Enter a number of minutes between ${min} and ${max}.`,
    within: (time: string) => `Allow reboots, time limit ${time}`,
  },

  connect: {
    minutes: 'Time limit to connect, in minutes',
    minutesHint: (time: string) =>
      `An agent that does not connect with the new version within this time returns to its earlier one. Default: ${time}.`,
    invalid: (min: string, max: string) => `Enter a number of minutes between ${min} and ${max}.`,
  },

  parameters: {
    title: 'Parameters',
    description: 'Values for the scripts of this version.',
    none: 'This version has no parameters.',
    unknownYet: 'Choose an extension to see its parameters.',
    required: 'required',
    defaultIs: (value: string) => `Default: ${value}`,
    emptyDefault: 'Default: empty',
    useDefault: (value: string) => `Default (${value})`,
    choose: 'Choose a value',
    secret: 'Stored encrypted. Never displayed again and not part of the page address.',
    kept: 'Leave empty to keep the value of each instance.',
    reset: 'Reset other parameters',
    resetDetail: 'Set all other parameters to the defaults of the version. Otherwise each instance keeps its values.',
    missing: 'Enter a value. This parameter has no default.',
    invalid: (reason: string) => `The value ${reason}.`,
  },

  targets: {
    title: 'Targets',
    by: 'Target selection',
    kinds: {
      pick: 'From the table',
      tags: 'By tag',
      savedGroup: 'By group',
      group: 'By resource group',
      filter: 'By filter',
      list: 'List or CSV file',
      all: 'All instances',
    },
    chosen: (count: number) => `${instances(count)} selected`,
    clear: 'Clear selection',
    chooseAll: (count: number) => `Select all ${count.toLocaleString('en')}`,
    tooManyToChoose: (limit: number) =>
      `To target more than ${limit.toLocaleString('en')} instances, use a tag, a resource group or a filter.`,
    find: 'Find by name, ID, host name or address',
    onlyChosen: 'Show selected only',
    noInstance: 'No instances yet.',
    enrol: 'Enrol instances',
    choose: (name: string) => `Select ${name}`,
    chooseShown: 'Select all on this page',
    table: 'Available instances',
    columns: {
      name: 'Name',
      id: 'ID',
      status: 'Status',
      os: 'Operating system',
      group: 'Resource group',
      tags: 'Tags',
    },
    status: { online: 'Online', offline: 'Offline' },
    tags: 'Required tags',
    tagsHint: 'Instances must have all of these tags.',
    tagKey: 'Key',
    tagValue: 'Value',
    addTag: 'Add tag',
    removeTag: 'Remove',
    removeTagNamed: (key: string) => `Remove tag ${key}`,
    noTags: 'No tags added.',
    enter: (text: string) => `Use “${text}”`,
    savedGroup: 'Group',
    savedGroupHint: 'Its instances are determined when the execution starts.',
    chooseSavedGroup: 'Choose a group',
    noSavedGroups: 'No groups.',
    group: 'Resource group',
    chooseGroup: 'Choose a resource group or enter its name',
    noGroups: 'No resource groups found.',
    filter: 'Conditions',
    filterHint: 'Instances must meet all conditions. The server evaluates them when you start the execution.',
    list: 'IDs or names, one per line',
    listHint: 'Uses the first column of a CSV file, with or without a header. Duplicates count once.',
    file: 'Choose a CSV file',
    dropFile: 'Drop the file here',
    removeFile: 'Remove file',
    fileTooLarge: (limit: string) => `The file exceeds ${limit}.`,
    listRead: (count: number) => `${instances(count)} read. The page address does not include the list.`,
    all: 'All instances of this account, including those that are offline.',
    none: {
      pick: 'Select at least one instance.',
      tags: 'Add at least one tag.',
      savedGroup: 'Choose a group.',
      group: 'Choose a resource group.',
      filter: 'Add at least one condition.',
      list: 'Enter at least one instance, or choose a file.',
      all: '',
    },
    mixed: (line: number, word: string, first: string) =>
      `Line ${line}: IDs and names are mixed (“${word}” after “${first}”). Use either IDs or names.`,
    quotes: (line: number) => `Line ${line}: a quotation mark is not closed.`,
    invalid: (reason: string) => `Invalid: ${reason}.`,
    matches: (count: number, isExact: boolean) => (isExact ? instances(count) : `more than ${instances(count)}`),
    offline: (count: number) =>
      count === 0 ? 'all online' : `${count.toLocaleString('en')} offline: the server waits up to 10 minutes for each`,
  },

  rate: {
    title: 'Rate control',
    mode: 'Mode',
    modes: {
      Concurrency: {
        label: 'Concurrency',
        detail: 'Run a fixed number of tasks at a time and start the next when one ends.',
      },
      Batch: { label: 'Batches', detail: 'Run one batch after another, for example a small one first.' },
    },
    concurrency: 'Maximum concurrency',
    amountHint: 'Enter a number, such as 5, or a percentage, such as 10%.',
    batches: 'Batch sizes',
    batchesHint:
      'Enter numbers or percentages, separated by commas. The last one repeats. group:NAME is a batch of this group.',
    batchConcurrency: 'Maximum concurrency in a batch',
    errors: 'Accepted failures',
    errorsHint: 'After more failures than this, no new tasks start. 0: stop at the first failure.',
    pause: 'Approval between batches',
    gates: 'Gates between batches (optional)',
    gatesHint:
      'One condition per line, checked in order before the next batch: soak:TIME, http:URL, prometheus:URL?query=QUERY < NUMBER, approval:NUMBER.',
    gateFailure: 'When a gate fails',
    gateFailures: { pause: 'Pause', cancel: 'Cancel the rest', rollback: 'Roll back' },
    pauses: {
      Automatic: 'Never: the next batch starts automatically',
      FirstBatchPause: 'After the first batch',
      EveryBatchPause: 'After every batch',
    },
    invalid: (reason: string) => `The value ${reason}.`,
    execution: 'Execution mode',
    executionModes: {
      Automatic: { label: 'Automatic', detail: 'Continue until there are more failures than accepted.' },
      FailurePause: {
        label: 'Pause on failure',
        detail: 'After each failure, wait for an operator to retry, skip or cancel.',
      },
      Debug: { label: 'Step by step', detail: 'Start each task manually, one at a time.' },
    },
  },

  drawing: {
    label: 'Batches in order',
    example: 'Example with 100 instances, until you choose targets:',
    isUpTo: 'The plan leaves out instances that need no change.',
    groups: 'The plan also has the batches of groups.',
    batches: (count: number) => plural(count, 'batch', 'batches'),
    range: (first: number, last: number) => (first === last ? `Batch ${first}` : `Batches ${first}–${last}`),
    size: (size: number, isMany: boolean) => `${size.toLocaleString('en')}${isMany ? ' each' : ''}`,
    more: (count: number) => `and ${plural(count, 'more batch', 'more batches')}`,
    all: 'All together',
    atOnce: (count: number) => `${count.toLocaleString('en')} at a time`,
    stops: (errors: number) =>
      errors === 0 ? 'stops at the first failure' : `stops after more than ${plural(errors, 'failure')}`,
    pauses: {
      Automatic: '',
      FirstBatchPause: 'waits for approval after the first batch',
      EveryBatchPause: 'waits for approval after every batch',
    },
    stepByStep: 'you start each task',
    solid: 'Starts first',
    pale: 'Waits',
    pause: 'Approval',
    gates: (names: readonly string[]) => `Between batches: ${names.join(', ')}`,
    problem: (reason: string) => `These batches ${reason}.`,
  },

  confirm: {
    title: 'Parameter confirmation',
    description: 'Review the change on each instance and its reason. Nothing has been changed yet.',
    back: 'Back',
    create: 'Create execution',
    created: (id: string) => `Execution ${id} started.`,
    incomplete: 'Some fields are missing. Go back and complete them.',
    planning: 'Planning',
    summary: 'Summary',
    operation: 'Operation',
    noVersion: 'installed version',
    instances: 'Instances',
    parameters: 'Parameters',
    rate: 'Rate control',
    mode: 'Execution mode',
    options: 'Options',
    verdict: 'Verdict if all changes succeed',
    note: 'Description',
    noteHint: 'Free text, displayed with the execution.',
    removes: (extension: string, count: number) => `This removes ${extension} from ${instances(count)}.`,
    removesDetail:
      'The agent runs the uninstall script on each instance. You cannot undo this; you can only install the extension again.',
    nothing: 'Nothing to do',
    everyInstance: (name: string, count: number) =>
      `The group ${name} now matches all ${instances(count)} of the account, which it did not at its last use.`,
    nothingDetail: 'Every instance is already in the requested state or out of scope. See the reasons below.',
    counts: 'Instances by action',
    planned: 'Instances in this plan',
    all: 'All',
    changes: 'Changes',
    steps: {
      install: 'Install',
      update: 'Update',
      verify: 'Verify',
      uninstall: 'Uninstall',
      run: 'Run',
      none: 'Nothing to do',
      skip: 'Left out',
    },
    find: 'Find by name, ID or reason',
    columns: { instance: 'Instance', id: 'ID', batch: 'Batch', step: 'Action', version: 'Version', why: 'Reason' },
    noMatch: 'No instance in the plan matches.',
  },

  command: {
    title: 'Equivalent command',
    label: 'Command',
    secretFiles: (files: string) =>
      `The command reads secrets from files, which keeps them out of the shell history: ${files}.`,
    targetsFile: (file: string) => `The command reads the list of instances from ${file}.`,
    download: (file: string) => `Download ${file}`,
  },
}
