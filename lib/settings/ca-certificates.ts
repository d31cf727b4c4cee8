import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import {
  CfnDynamicReference,
  Fn,
  SecretValue,
  Token,
  Tokenization,
  Validations,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { invalid } from '../shared/errors';
import { pack } from '../shared/packed';

/**
 * Options of `CaCertificates`.
 */
export interface CaCertificatesOptions {
  /**
   * Whether hosts also accept certificates from the CAs of their operating system, for APIs that have
   * certificates from public CAs. Without them, pages are 10 to 30 percent quicker.
   *
   * @default false
   */
  readonly includeSystemCertificates?: boolean;
}

/** The maximum size of the packed certificates, since they are a part of the template. */
const LIMIT = 64 * 1024;

const DAY = 24 * 60 * 60 * 1000;

/** How long before its end a certificate is reported. */
const EXPIRES_SOON = 30 * DAY;

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** What Debian's OpenSSL accepts of RSA keys, at its security level 2. */
const MIN_RSA_BITS = 2048;

/**
 * The certificates of the CAs that issue the certificates of the OpenStack APIs. Dashboard hosts write
 * them to a file, and its path is Horizon's `OPENSTACK_SSL_CACERT`.
 *
 * Each certificate must be one that Python's default TLS context accepts, which checks RFC 5280: a CA
 * certificate with critical basic constraints, a subject key identifier, and a key usage that contains
 * `keyCertSign`.
 */
export class CaCertificates {
  /**
   * Certificates as texts in PEM format, each with one or more certificates. A text with an unresolved
   * token is not checked until a host starts; together they must be a few kilobytes, since they are a
   * part of the user data.
   *
   * @param pems the texts
   * @param options whether the CAs of the operating system are included
   * @throws if a text has no certificate, a private key or a dynamic reference, or if a certificate is
   * incomplete, has expired, is not that of a CA, has a small key, or breaks a rule of RFC 5280 that
   * Python checks
   */
  public static fromPem(pems: string[], options: CaCertificatesOptions = {}): CaCertificates {
    return new CaCertificates('pems', pems, options);
  }

  /**
   * Certificates from a file in PEM format, which is read at synth time.
   *
   * @param path the path on the machine that synthesizes the app
   * @param options whether the CAs of the operating system are included
   * @throws if there is no such file, and as `fromPem`
   */
  public static fromFile(path: string, options: CaCertificatesOptions = {}): CaCertificates {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      throw invalid(
        undefined,
        'path',
        'be a file with PEM certificates',
        path,
        'there is no such file',
      );
    }
    return new CaCertificates('path', [readFileSync(path, 'utf8')], options);
  }

  /** Whether the CAs of the operating system are included. */
  public readonly includeSystemCertificates: boolean;

  /** The certificates that are known at synth time, gzipped, in base64. @internal */
  public readonly _files?: string;

  /** A hash of the certificates that are known at synth time. @internal */
  public readonly _hash: string;

  /** The texts with unresolved tokens, in base64. @internal */
  public readonly _unresolved?: string;

  private readonly certificates: X509Certificate[];

  private constructor(prop: string, pems: string[], options: CaCertificatesOptions) {
    this.includeSystemCertificates = options.includeSystemCertificates ?? false;
    if (pems.length === 0) {
      throw invalid(undefined, prop, 'have at least one PEM certificate', []);
    }
    pems.forEach((pem) => refuseSecrets(prop, pem));
    const unresolved = pems.filter((pem) => Token.isUnresolved(pem));
    // The same certificate may be in several bundles
    const certificates = new Map<string, X509Certificate>();
    for (const pem of pems.filter((text) => !Token.isUnresolved(text))) {
      for (const certificate of parse(prop, pem)) {
        requireCa(prop, certificate);
        certificates.set(certificate.fingerprint256, certificate);
      }
    }
    this.certificates = [...certificates.values()];
    const text = this.certificates.map((certificate) => certificate.toString()).join('');
    const packed = pack(text);
    this._hash = packed.hash;
    this._files = text ? packed.files : undefined;
    this._unresolved = unresolved.length ? Fn.base64(unresolved.join('\n')) : undefined;
    if ((this._files?.length ?? 0) > LIMIT) {
      throw invalid(
        undefined,
        prop,
        `be at most ${LIMIT} bytes when packed`,
        this._files!.length,
        'use includeSystemCertificates for public CAs, or a file in the machine image with caCertificateFile',
      );
    }
  }

  /**
   * Warns about certificates that will expire soon.
   * @internal
   */
  public _warn(scope: IConstruct): void {
    for (const certificate of this.certificates) {
      const left = Date.parse(certificate.validTo) - Date.now();
      if (left < EXPIRES_SOON) {
        Validations.of(scope).addWarning(
          'cdk-openstack-dashboard:caCertificateExpires',
          `the CA certificate ${subject(certificate)} expires on ${certificate.validTo}; give caCertificates its successor too, and remove it once the OpenStack APIs have certificates from the successor`,
        );
      }
    }
  }
}

/** Refuses what must not be in a template, or would not be what it seems to be. */
function refuseSecrets(prop: string, pem: string): void {
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(pem)) {
    throw invalid(
      undefined,
      prop,
      'not contain a private key',
      undefined,
      'everybody who can read the template would have it; give the certificates only, and replace the key if this text was stored where others can read it',
    );
  }
  // https://github.com/aws/aws-cdk/issues/21980
  const dynamic = Tokenization.reverseString(pem).tokens.some(
    (token) => token instanceof CfnDynamicReference || SecretValue.isSecretValue(token),
  );
  if (dynamic) {
    throw invalid(
      undefined,
      prop,
      'not have dynamic references',
      undefined,
      'AWS CloudFormation does not resolve them in base64; use a parameter of the template, such as StringParameter.valueForStringParameter()',
    );
  }
}

/** The certificates in a text. */
function parse(prop: string, pem: string): X509Certificate[] {
  const blocks = [...pem.matchAll(BLOCK)];
  const other = blocks.find(([, label]) => label !== 'CERTIFICATE');
  if (other) {
    throw invalid(undefined, prop, 'only have PEM blocks of type CERTIFICATE', other[1]);
  }
  if (blocks.length === 0) {
    throw invalid(
      undefined,
      prop,
      'have certificates in PEM format (-----BEGIN CERTIFICATE-----)',
      pem.trim().slice(0, 40),
    );
  }
  const broken = /^.*-- *(BEGIN|END) .*$/m.exec(pem.replace(BLOCK, ''));
  if (broken) {
    throw invalid(
      undefined,
      prop,
      'have certificates in PEM format, each with its first and last line',
      broken[0].trim().slice(0, 40),
      'a part of the text is missing or has another form',
    );
  }
  return blocks.map(([text], index) => {
    try {
      return new X509Certificate(text);
    } catch (error) {
      throw invalid(
        undefined,
        prop,
        'have certificates in PEM format',
        `certificate ${index + 1}`,
        `it cannot be parsed: ${(error as Error).message}`,
      );
    }
  });
}

function subject(certificate: X509Certificate): string {
  // Undefined for an empty subject
  return ((certificate.subject as string | undefined) ?? '').split('\n').join(', ');
}

/** What OpenSSL checks with the flag `X509_V_FLAG_X509_STRICT`, which Python sets by default. */
function requireCa(prop: string, certificate: X509Certificate): void {
  const refuse = (must: string, instead?: string): Error =>
    invalid(undefined, prop, `have CA certificates ${must}`, subject(certificate), instead);
  const extensions = extensionsOf(certificate.raw);
  const constraints = extensions.get(BASIC_CONSTRAINTS);
  if (!constraints || !isCa(constraints.value)) {
    throw refuse(
      'only',
      'give the certificate of the CA that issued it: a certificate of a server is not a CA certificate, even if it is self-signed',
    );
  }
  if (Date.parse(certificate.validTo) <= Date.now()) {
    throw refuse('that have not expired', `it expired on ${certificate.validTo}: remove it`);
  }
  const { modulusLength } = certificate.publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && modulusLength < MIN_RSA_BITS) {
    throw refuse(
      `with RSA keys of at least ${MIN_RSA_BITS} bits`,
      `its key has ${modulusLength} bits, which OpenSSL on the hosts refuses: the CA needs another key`,
    );
  }
  const reissue =
    "Python's default TLS context refuses all certificates that the CA issued: reissue the CA certificate with the same key";
  const keyUsage = extensions.get(KEY_USAGE)?.value;
  if (!keyUsage) {
    throw refuse('with the extension keyUsage', reissue);
  }
  if (!signsCertificates(keyUsage)) {
    throw refuse('whose keyUsage contains keyCertSign', reissue);
  }
  if (!constraints.critical) {
    throw refuse('whose basicConstraints are critical', reissue);
  }
  if (!extensions.has(SUBJECT_KEY_IDENTIFIER)) {
    throw refuse('with the extension subjectKeyIdentifier', reissue);
  }
}

// Object identifiers 2.5.29.14, 15 and 19, in hexadecimal
const SUBJECT_KEY_IDENTIFIER = '551d0e';
const KEY_USAGE = '551d0f';
const BASIC_CONSTRAINTS = '551d13';

/** Tags of DER. */
const BOOLEAN = 0x01;
const EXTENSIONS = 0xa3;

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

interface Extension {
  readonly critical: boolean;
  readonly value: Buffer;
}

/** The elements of a sequence in DER. OpenSSL has parsed the certificate before. */
function elements(der: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length;) {
    const [tag, short] = [der[at], der[at + 1]];
    const long = short & 0x80 ? short & 0x7f : 0;
    const start = at + 2 + long;
    const length = long ? der.readUIntBE(at + 2, long) : short;
    found.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

/** The extensions of a certificate, by object identifier. Node.js has no property for them. */
function extensionsOf(der: Buffer): Map<string, Extension> {
  const [certificate] = elements(der);
  const [toBeSigned] = elements(certificate.content);
  const holder = elements(toBeSigned.content).find(({ tag }) => tag === EXTENSIONS);
  const list = holder ? elements(elements(holder.content)[0].content) : [];
  return new Map(
    list.map(({ content }) => {
      const parts = elements(content);
      // `critical` is omitted if it is false
      const critical = parts[1].tag === BOOLEAN && parts[1].content[0] !== 0;
      return [parts[0].content.toString('hex'), { critical, value: parts.at(-1)!.content }];
    }),
  );
}

/** Whether basic constraints are those of a CA. `X509Certificate.ca` depends on the key usage too. */
function isCa(constraints: Buffer): boolean {
  const [first] = elements(elements(constraints)[0].content) as (Element | undefined)[];
  return first?.tag === BOOLEAN && first.content[0] !== 0;
}

/** Whether the bit string of a key usage has bit 5, keyCertSign. */
function signsCertificates(keyUsage: Buffer): boolean {
  const [{ content }] = elements(keyUsage);
  return ((content[1] ?? 0) & 0x04) !== 0;
}
