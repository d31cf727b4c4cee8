import { GuidePage } from '../../pack/rule';
import { apacheDirectives, directives } from '../../reading/nginx';
import { scriptRule } from '../kinds/script-rule';

const WEAK =
  /(^|[+-])(ALL|NULL|aNULL|eNULL|EXP|EXPORT\d*|LOW|MEDIUM|DES|3DES|CBC3|RC2|RC4|MD5|IDEA|SEED|ADH|AECDH|PSK)($|[+-])/;

/** Whether a list of ciphers, as OpenSSL writes it, lets a weak one in. */
export const isWeak = (list: string): boolean =>
  list
    .split(/[\s:,]+/)
    // What is taken out is no weakness.
    .some((word) => !/^[!-]/.test(word) && WEAK.test(word));

export const httpsCiphers = scriptRule({
  id: 'HTTPS15',
  guideRules: [53],
  level: 'error',
  ours: 'ECDHE with AES-GCM or ChaCha20 alone',
  cause: 'The web server offers weak ciphers (ssl_ciphers, SSLCipherSuite).',
  explanation:
    'Ciphers such as RC4, 3DES, export grade ones, or those without authentication or encryption can ' +
    'be broken, or protect nothing; a client can be made to choose them where they are offered.',
  page: GuidePage.TLS_INTRODUCTION,
  fix: 'Set ssl_ciphers to ECDHE+AESGCM:ECDHE+CHACHA20.',
  fronts: true,
  wrong: ({ text }) =>
    [...directives(text, 'ssl_ciphers'), ...apacheDirectives(text, 'SSLCipherSuite')].some(isWeak),
});
