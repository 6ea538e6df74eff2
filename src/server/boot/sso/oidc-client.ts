import * as oidc from 'openid-client'
import { readGroupsClaim, type SsoIdentity } from '../../../core/access/single-sign-on.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import type { SingleSignOn } from '../../api/api-options.ts'

/** The settings of an identity provider (OpenID Connect). */
export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly scopes: string
  readonly userClaim: string
  readonly groupsClaim: string
}

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
/** Of RFC 8628, for providers that do not say. */
const defaultIntervalS = 5
const requestTimeoutS = 10
/** How far the clocks of the provider and of this server may differ. */
const clockToleranceS = 30

/**
 * Signs users in with the authorisation code flow, PKCE, state and nonce. The provider is discovered
 * at the first sign-in, and again after a failure: the server starts and works without it.
 */
export function createOidcClient(settings: OidcSettings): Omit<SingleSignOn, 'name' | 'groupRoles' | 'sessionMs'> {
  let discovered: Promise<oidc.Configuration> | undefined

  function discover(): Promise<oidc.Configuration> {
    discovered ??= discoverProvider(settings).catch((error: unknown) => {
      discovered = undefined
      throw explain(error)
    })
    return discovered
  }

  async function identify(
    config: oidc.Configuration,
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  ): Promise<SsoIdentity> {
    const claims = tokens.claims()
    if (!claims) throw new Error('the answer of the provider contains no ID token')
    return readIdentity(settings, await addUserInfo(config, settings, tokens.access_token, claims))
  }

  return {
    async begin(redirectUri) {
      const config = await discover()
      const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()]
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: settings.scopes,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
      return { url: url.href, kept: [verifier, state, nonce].join('.') }
    },
    async finish(callbackUrl, kept) {
      const config = await discover()
      const [pkceCodeVerifier = '', expectedState = '', expectedNonce = ''] = kept.split('.')
      try {
        const tokens = await oidc.authorizationCodeGrant(config, new URL(callbackUrl), {
          pkceCodeVerifier,
          expectedState,
          expectedNonce,
          idTokenExpected: true,
        })
        return await identify(config, tokens)
      } catch (error) {
        throw explain(error)
      }
    },
    async beginDevice() {
      const config = await discover()
      if (config.serverMetadata().device_authorization_endpoint === undefined)
        throw chandlerError('SsoNoDeviceFlow', {})
      try {
        const begun = await oidc.initiateDeviceAuthorization(config, { scope: settings.scopes })
        return {
          deviceCode: begun.device_code,
          userCode: begun.user_code,
          verificationUri: begun.verification_uri,
          verificationUriComplete: begun.verification_uri_complete,
          lifetimeMs: begun.expires_in * 1_000,
          intervalMs: (begun.interval ?? defaultIntervalS) * 1_000,
        }
      } catch (error) {
        throw explain(error)
      }
    },
    async pollDevice(deviceCode) {
      const config = await discover()
      try {
        const tokens = await oidc.genericGrantRequest(config, deviceGrant, { device_code: deviceCode })
        return await identify(config, tokens)
      } catch (error) {
        if (error instanceof oidc.ResponseBodyError && error.error === 'authorization_pending') return 'pending'
        if (error instanceof oidc.ResponseBodyError && error.error === 'slow_down') return 'slowDown'
        throw explain(error)
      }
    },
    async signOutUrl(returnTo) {
      const config = await discovered?.catch(() => undefined)
      if (config?.serverMetadata().end_session_endpoint === undefined) return undefined
      return oidc.buildEndSessionUrl(config, { client_id: settings.clientId, post_logout_redirect_uri: returnTo }).href
    },
  }
}

async function discoverProvider({ issuer, clientId, clientSecret }: OidcSettings): Promise<oidc.Configuration> {
  const url = new URL(issuer)
  const config = await oidc.discovery(
    url,
    clientId,
    { ...(clientSecret !== undefined && { client_secret: clientSecret }), [oidc.clockTolerance]: clockToleranceS },
    clientSecret === undefined ? oidc.None() : undefined,
    // Settings allow plain HTTP on loopback only.
    // oxlint-disable-next-line typescript/no-deprecated -- marked so that it is not used by accident
    { timeout: requestTimeoutS, execute: url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [] },
  )
  return config
}

/** Some providers send claims about the user only in the answer of their user info endpoint. */
async function addUserInfo(
  config: oidc.Configuration,
  { userClaim, groupsClaim }: OidcSettings,
  accessToken: string,
  claims: oidc.IDToken,
): Promise<oidc.IDToken> {
  const isComplete = claims[userClaim] !== undefined && claims[groupsClaim] !== undefined
  if (isComplete || config.serverMetadata().userinfo_endpoint === undefined) return claims
  // Refuses the claims of another subject.
  const more = await oidc.fetchUserInfo(config, accessToken, claims.sub)
  return { ...more, ...claims }
}

function readIdentity({ issuer, userClaim, groupsClaim }: OidcSettings, claims: oidc.IDToken): SsoIdentity {
  const name = claims[userClaim]
  return {
    issuer,
    subject: claims.sub,
    name: typeof name === 'string' ? name : undefined,
    groups: readGroupsClaim(claims[groupsClaim]),
  }
}

/** Network errors of `fetch` have their cause in `cause`. */
function explain(error: unknown): unknown {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return chandlerError('SsoRefused', { reason: error.error_description ?? error.error }, undefined, { cause: error })
  const isUnreachable =
    error instanceof TypeError || (error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name))
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : ''
  const reason = [error instanceof Error ? error.message : String(error), cause].filter(Boolean).join(': ')
  return isUnreachable
    ? chandlerError('SsoUnreachable', { reason }, undefined, { cause: error })
    : chandlerError('SsoRefused', { reason }, undefined, { cause: error })
}
