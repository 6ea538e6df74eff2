/** Which states may follow a state. */
export type Moves<State extends string> = Readonly<Record<State, readonly State[]>>

/**
 * Every change of a state goes through this or through `listSources` when it is written: a wrong one fails with its transaction instead
 * of becoming a row that nothing can explain.
 * @throws Error naming the move, which is a programming error
 */
export function checkMove<State extends string>(what: string, moves: Moves<State>, from: State, to: State): void {
  if (!moves[from].includes(to)) throw new Error(`${what}: there is no move from ${from} to ${to}`)
}

/** The states from which a state may be reached. */
export const listSources = <State extends string>(moves: Moves<State>, to: State): State[] =>
  (Object.keys(moves) as State[]).filter((from) => moves[from].includes(to))

/** Every move as `from to`, for a condition on rows whose states differ. */
export const listMoves = <State extends string>(moves: Moves<State>): string[] =>
  (Object.keys(moves) as State[]).flatMap((from) => moves[from].map((to) => `${from} ${to}`))
