import { GuidePage } from '../../pack/rule';
import { apacheDirectives, directives } from '../../reading/nginx';
import { scriptRule } from '../kinds/script-rule';

const WEAK =
  /(^|[+-])(ALL|NULL|aNULL|eNULL|EXP|EXPORT\d*|LOW|MEDIUM|DES|3DES|CBC3|RC2|RC4|MD5|IDEA|SEED|ADH|AECDH|PSK)($|[+-])/;

/** Whether a list of ciphers in OpenSSL's format allows a weak one. */
export const isWeak = (list: string): boolean =>
  list
    .split(/[\s:,]+/)
    // Ignore ciphers that are excluded.
    .some((word) => !/^[!-]/.test(word) && WEAK.test(word));

export const httpsCiphers = scriptRule({
  id: 'HTTPS15',
  guideRules: [53],
  level: 'error',
  ours: 'Only ECDHE with AES-GCM or ChaCha20',
  cause: 'The web server offers weak ciphers (ssl_ciphers, SSLCipherSuite).',
  explanation:
    'Ciphers such as RC4, 3DES and export ciphers can be broken, and ciphers without ' +
    'authentication or encryption protect nothing. If the server offers them, an attacker can ' +
    'make a client use them.',
  page: GuidePage.TLS_INTRODUCTION,
  fix: 'Set ssl_ciphers to ECDHE+AESGCM:ECDHE+CHACHA20.',
  fronts: true,
  wrong: ({ text }) =>
    [...directives(text, 'ssl_ciphers'), ...apacheDirectives(text, 'SSLCipherSuite')].some(isWeak),
});
