import type { PlanSignaturesView } from '../../../protocol/api/plan/plan-signatures.ts'
import { confirmSigning } from '../../confirm.ts'
import { exitCodes } from '../../exit-code.ts'
import type { Sink } from '../../output/sink.ts'
import { printTable } from '../../output/table.ts'
import { describePlan } from '../../trust/describe-plan.ts'
import { readText } from '../../trust/read-text.ts'
import { signWithSsh } from '../../trust/ssh-keygen.ts'
import { UsageError } from '../../usage-error.ts'
import { type ApiRun, apiCommand, type Register } from '../api-command.ts'
import { printState } from './control.ts'

interface Options {
  readonly comment?: string
}

interface ApproveOptions extends Options {
  readonly sign?: string
  readonly signature?: string
  readonly yes?: boolean
}

const commentOption = ['--comment <text>', 'comment for the audit log and the page of the execution'] as const

/** `chandler execution approve`: at a gate, or with a signature over the plan. */
export const registerExecutionApprove: Register = (parent, context) => {
  apiCommand<ApproveOptions>(
    parent,
    context,
    'approve <id>',
    'approve the next batch of an execution that waits for approval; with --sign: sign the plan of an execution',
    async (run, id: string) => {
      const { client, options } = run
      const { comment = '', sign, signature } = options
      if (sign !== undefined || signature !== undefined) return signPlan(run, id)
      return printState(run, 'approve', await client.executions.approve(id, { comment }))
    },
  )
    .option(...commentOption)
    .option('--sign <key>', 'print the plan and sign it with this SSH key: a private key, or a public key of ssh-agent')
    .option('--signature <file>', 'signature of `ssh-keygen -Y sign -n chandler-plan`, instead of --sign')
    .option('-y, --yes', 'sign without a confirmation on a terminal')
}

async function signPlan(run: ApiRun<ApproveOptions>, id: string) {
  const { client, options, context, print } = run
  const { sign, signature, comment } = options
  if (sign !== undefined && signature !== undefined)
    throw new UsageError('specify either --sign or --signature', 'See `chandler execution approve --help`.')
  if (comment !== undefined)
    throw new UsageError('a signature has no comment', 'Use --comment without --sign and --signature.')
  const plan = await client.executions.getPlanSignatures(id)
  for (const line of describePlan(id, plan)) context.err.line(line)
  if (sign !== undefined && !(await confirmSigning(run))) return exitCodes.failed
  const made =
    sign === undefined ? await readText(signature ?? '') : await signWithSsh(sign, 'chandler-plan', plan.canonical)
  const signed = await client.executions.addPlanSignature(id, made)
  print(signed, () => printPlanSignatures(context.out, signed))
}

/** `chandler execution reject`. */
export const registerExecutionReject: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'reject <id>',
    'reject the next batch of an execution that waits for approval: the gate fails',
    async (run, id: string) => {
      const { comment = '' } = run.options
      return printState(run, 'reject', await run.client.executions.reject(id, { comment }))
    },
  ).option(...commentOption)
}

/** `chandler execution plan-bytes`: the bytes to sign by hand. */
export const registerExecutionPlanBytes: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'plan-bytes <id>',
    'print the canonical bytes of the plan of an execution, which approvers sign',
    async ({ client }, id: string) => {
      const plan = await client.executions.getPlanSignatures(id)
      for (const line of describePlan(id, plan)) context.err.line(line)
      context.out.write(plan.canonical)
    },
  )
}

/** `chandler execution signatures`: who approved it, and what is missing. */
export const registerExecutionSignatures: Register = (parent, context) => {
  apiCommand(
    parent,
    context,
    'signatures <id>',
    'show which approvers have signed the plan of an execution, and which signatures are missing',
    async ({ client, print }, id: string) => {
      const plan = await client.executions.getPlanSignatures(id)
      print(plan, () => {
        for (const line of describePlan(id, plan)) context.out.line(line)
        printPlanSignatures(context.out, plan)
      })
    },
  )
}

function printPlanSignatures(
  out: Sink,
  { signed, threshold, expiresAt, signatures, missing }: PlanSignaturesView,
): void {
  out.line(`${signed} of ${threshold} signatures; nothing starts after ${expiresAt}`)
  printTable(
    out,
    signatures,
    [
      { title: 'approver', text: ({ approver }) => approver },
      { title: 'key', text: ({ keyFingerprint }) => keyFingerprint },
      { title: 'added by', text: ({ createdBy }) => createdBy },
      { title: 'at', text: ({ createdAt }) => createdAt },
    ],
    'no signatures',
  )
  if (signed < threshold && missing) out.line(`approvers that have not signed: ${missing.join(', ')}`)
}
