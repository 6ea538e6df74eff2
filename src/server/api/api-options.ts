import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ChandlerError } from '../../core/error/errors.ts'
import type { PeerReader } from '../../lib/peer/read-peer.ts'
import type { Authenticator } from '../app/access/authenticate.ts'
import type { FailedSignIns } from '../app/access/failed-sign-ins.ts'

export interface ApiOptions {
  /** Of the program, as it is shown. */
  readonly version: string
  /** Where agents and browsers reach this server, if that is not where they think they are. */
  readonly publicUrl?: string | undefined
  /** The text of install.sh, as it lies in the project. */
  readonly installScript: string
  /** Where requests come from; without it, from whoever is connected. */
  readonly peers?: PeerReader
  /** Requests wait until this resolves; absent: they are answered at once. */
  readonly opened?: Promise<void>
  /** Other APIs at the same address. */
  readonly surfaces?: readonly ApiSurface[]
}

/** Registers an API of another protocol beside this one; who may come in and what goes wrong is one thing for all. */
export type ApiSurface = (api: FastifyInstance, parts: ApiSurfaceParts) => Promise<void>

export interface ApiSurfaceParts {
  readonly authenticator: Authenticator
  readonly failed: FailedSignIns
  /** Any error as one of the catalogue, and in the log if a person has to look at it. */
  readonly explainError: (error: unknown, request: FastifyRequest) => ChandlerError
  /** Its credentials were valid: its connection is not one of somebody unknown. */
  readonly proven: (request: FastifyRequest) => void
}
