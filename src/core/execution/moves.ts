/** The possible next states of each state. */
export type Moves<State extends string> = Readonly<Record<State, readonly State[]>>

/** Whether a state may become another. */
export const allowsMove = <State extends string>(moves: Moves<State>, from: State, to: State) =>
  moves[from].includes(to)

/**
 * Every change of a state is checked by this function or by `listSources` when it is written: an
 * invalid one fails with its transaction instead of storing an inconsistent row.
 * @throws Error that names the transition, which is a programming error
 */
export function checkMove<State extends string>(what: string, moves: Moves<State>, from: State, to: State): void {
  if (!allowsMove(moves, from, to)) throw new Error(`${what}: there is no move from ${from} to ${to}`)
}

/** The states from which a state can be reached. */
export const listSources = <State extends string>(moves: Moves<State>, to: State): State[] =>
  (Object.keys(moves) as State[]).filter((from) => moves[from].includes(to))

/** Every transition as `from to`, for a condition on rows with different states. */
export const listMoves = <State extends string>(moves: Moves<State>): string[] =>
  (Object.keys(moves) as State[]).flatMap((from) => moves[from].map((to) => `${from} ${to}`))
