import type { Request, RequestSigner } from 'aws4';
import { createHash, timingSafeEqual } from 'node:crypto';
import * as http from 'node:http';
import { AwsError, Principal } from './call';

/** Bundled by `scripts/bundles.mjs`, because the package has only peer dependencies. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const aws4 = require('./aws4.bundle.js') as { RequestSigner: typeof RequestSigner };

/** What a signature has to be for, and who may sign. */
export interface Signing {
  readonly service: string;
  readonly region: string;
  /** By the clock of AWS, in milliseconds. */
  readonly now: number;
  /** By the ids of their access keys. */
  readonly principals: ReadonlyMap<string, Principal>;
}

/** Who signed this request; the signature has to be the one that we would make. */
export function verify(
  request: http.IncomingMessage,
  body: Buffer,
  { service, region: expected, now, principals }: Signing,
): Principal {
  const given = request.headers.authorization ?? '';
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      given,
    );
  if (match === null) {
    throw new AwsError(403, 'MissingAuthenticationToken', 'the request is not signed');
  }
  const [, keyId, , region, signedFor, signedHeaders, signature] = match;
  const principal = principals.get(keyId);
  if (principal === undefined) {
    throw service === 's3'
      ? new AwsError(
          403,
          'InvalidAccessKeyId',
          'The AWS Access Key Id you provided does not exist in our records.',
        )
      : new AwsError(
          403,
          'InvalidClientTokenId',
          'The security token included in the request is invalid.',
        );
  }
  const names = signedHeaders.split(';');
  const date = String(request.headers['x-amz-date']);
  const when = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (!(Math.abs(now - when) < 15 * 60 * 1000)) {
    throw new AwsError(403, 'RequestTimeTooSkewed', `the request was signed at ${date}`);
  }
  if (region !== expected || signedFor !== service) {
    throw new AwsError(403, 'SignatureDoesNotMatch', `signed for ${region}/${signedFor}`);
  }
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && !names.includes(name),
  );
  if (!names.includes('host') || unsigned.length > 0) {
    throw new AwsError(403, 'SignatureDoesNotMatch', `not signed: ${unsigned.join(', ')}`);
  }
  if (request.headers['x-amz-security-token'] !== principal.credentials.token) {
    throw new AwsError(403, 'InvalidToken', 'the session token is not the role’s');
  }
  const declared = request.headers['x-amz-content-sha256'];
  const hash = createHash('sha256').update(body).digest('hex');
  if (service === 's3' && declared !== 'UNSIGNED-PAYLOAD' && declared !== hash) {
    throw new AwsError(400, 'XAmzContentSHA256Mismatch', 'the content is not what was signed');
  }
  const signer = new aws4.RequestSigner(
    {
      method: request.method,
      host: request.headers.host,
      path: request.url,
      service,
      region,
      headers: Object.fromEntries(names.map((name) => [name, request.headers[name]])),
      body,
      doNotModifyHeaders: true,
      extraHeadersToInclude: Object.fromEntries(names.map((name) => [name, true])),
    } as Request,
    principal.credentials,
  );
  Object.assign(signer, { datetime: date });
  const { headers } = signer.sign();
  const ours = /Signature=([0-9a-f]{64})$/.exec(String(headers?.Authorization))?.[1];
  if (ours === undefined || !timingSafeEqual(Buffer.from(ours), Buffer.from(signature))) {
    throw new AwsError(403, 'SignatureDoesNotMatch', 'the signature is not the one expected');
  }
  return principal;
}
