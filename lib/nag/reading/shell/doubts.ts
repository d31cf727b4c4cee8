/** A command or a file in a script that cannot be followed but may matter. */
export interface Doubt {
  /** Whether the content of a file or the effect of a program is unknown. */
  readonly kind: 'file' | 'program';
  /** The path of the file, or the program. */
  readonly what: string;
  /** The command, as far as it is known. */
  readonly command: string;
}

/** Unknown values that a shell inserts into a text begin with this. */
export const UNKNOWN = '\uE002';

export const plain = (text: string): string =>
  text.includes(UNKNOWN) ? text.replaceAll(UNKNOWN, '') : text;

// Files that configure a dashboard, its proxies or its caches.
const CONFIGURES =
  /openstack[-_]dashboard|horizon|local_settings|kolla|globals\.ya?ml|user_variables|nginx|apache2|httpd|haproxy|varnish|squid|gunicorn|uwsgi|memcached|(^|\/)(docker-|podman-)?compose[\w.-]*\.ya?ml$/i;
// Files of these programs that rules do not read.
const NO_MATTER =
  /^\/(var\/log|dev|proc|sys|run|tmp\/[^/]*log)\b|^\/etc\/(apt|yum\.repos\.d|logrotate\.d|cron[^/]*|sudoers\.d)\/|secret|password|dhparam|htpasswd|\.(log|pem|crt|cer|key|csr|svg|png|jpe?g|ico|css|js|scss|html?|pub|gpg|asc|list|repo|pid|sock|bak|orig|old|backup|deb|rpm|mo|po)$|~$/i;

/** Whether the content of a file matters. */
export const configures = (path: string): boolean => CONFIGURES.test(path) && !NO_MATTER.test(path);

// Directives that rules check: their values have to be known.
const DIRECTIVE =
  /^\s*["']?(\w+_cache|ssl_(protocols|ciphers|session_tickets|verify\w*)|add_header|listen|include|client_max_body_size|user|proxy_ssl_verify|(worker_)?class|workers|threads|bind|http|socket|http-socket|SSLProtocol|SSLCipherSuite|Header|Include(Optional)?|Listen|WSGIDaemonProcess|image|-l|-p|-Z)\b/;

/** Whether the unknown parts of a text for a configuration file may matter. */
export function isDoubtful(text: string, path: string): boolean {
  if (!text.includes(UNKNOWN) && !text.includes('\uE000')) {
    return false;
  }
  // Rules find settings by name.
  const isSettings = path.endsWith('.py') && !path.includes('gunicorn');
  return text
    .split('\n')
    .some(
      (line) =>
        /^\s*(\uE002|\uE000\d+\uE001\s*$)/.test(line) ||
        (!isSettings && line.includes(UNKNOWN) && DIRECTIVE.test(line)),
    );
}

// Python code that sets names that are not literal.
const UNSEEN =
  /^\s*(?:exec|execfile|include)\s*\(|\b(?:globals|locals|vars)\(\)\s*(?:\[|\.update\b)|\bsetattr\s*\(|^\s*from\s+(?!(?:openstack_dashboard|horizon|django)\b)\S+\s+import\s+\*|^\s+global\s+[A-Z]|^\s*[A-Z]\w*\s*,[\w\s,]*=\s*[A-Za-z_][\w.]*\(/;

/** The lines of settings that set names that are not literal. */
export const unseenSettings = (text: string): string[] =>
  text.split('\n').filter((line) => line.length < 500 && UNSEEN.test(line));

/** Commands that print nothing. */
export const SILENT = new Set(
  (
    ': true false test [ set shift exit return break continue wait trap umask mkdir rmdir chmod chown chgrp ' +
    'touch ln sleep systemctl service useradd groupadd usermod adduser addgroup a2enmod a2ensite a2enconf ' +
    'a2dismod a2dissite a2disconf setenforce setsebool restorecon sysctl modprobe mount umount swapon hash ulimit'
  ).split(' '),
);

/** Programs that configure a host with data that is not in the template. */
export const CONFIGURATORS =
  /^(ansible-playbook|ansible-pull|kolla-ansible|openstack-ansible|puppet|chef-client|chef-solo|cinc-client|salt-call|juju|helmfile|devstack)$/;

// Scripts of distributions that only set variables.
const HARMLESS_SOURCE =
  /^\/etc\/(os-release|lsb-release|environment|profile|bashrc|default|sysconfig|bash\.bashrc)|openrc(\.sh)?$|\/activate$|^~?\/?[\w/]*\.(bashrc|profile|bash_profile|nvm\/nvm\.sh|cargo\/env)$/;

export const isHarmlessSource = (path: string): boolean => HARMLESS_SOURCE.test(path);

// Programs that come with packages.
export const isPackaged = (path: string): boolean =>
  /^\/(usr|bin|sbin|lib)\/|\/(site|dist)-packages\/|(^|\/)(manage|setup|get-pip)\.py$/.test(path);

// Programs that are downloaded as binaries, not scripts.
export const isTool = (path: string): boolean => /\/s?bin\/[^/.]+$/.test(path);

/** The path to which a program downloads or unpacks something, or undefined if it does not. */
export function fetched(name: string, rest: readonly string[]): string[] | undefined {
  const option = (...names: string[]): string | undefined => {
    const at = rest.findIndex((word) => names.includes(word));
    if (at >= 0) {
      return rest[at + 1];
    }
    for (const each of names) {
      const found = rest.find((word) =>
        each.startsWith('--') ? word.startsWith(`${each}=`) : new RegExp(`^${each}.`).test(word),
      );
      if (found) {
        return each.startsWith('--') ? found.slice(each.length + 1) : found.slice(2);
      }
    }
    return undefined;
  };
  const operands = rest.filter((word) => !word.startsWith('-'));
  const last = operands.at(-1);
  const base = (url: string | undefined): string =>
    (url ?? '').split(/[?#]/)[0].split('/').at(-1) ?? '';
  switch (name) {
    case 'curl': {
      const combined = rest.find((word) => /^-[a-zA-Z]*o$/.test(word));
      const to = option('-o', '--output') ?? (combined && rest[rest.indexOf(combined) + 1]);
      if (to) {
        return [to];
      }
      const remote = rest.some((word) => /^(-[a-zA-Z]*O|--remote-name)$/.test(word));
      return remote ? [base(operands.find((word) => word.includes('://')) ?? last)] : undefined;
    }
    case 'wget': {
      const combined = rest.find((word) => /^-[a-zA-Z]*O$/.test(word));
      const to =
        option('-O', '--output-document') ?? (combined && rest[rest.indexOf(combined) + 1]);
      if (to === '-' || rest.some((word) => /^-\w*O-$/.test(word))) {
        return undefined;
      }
      return [to ?? base(operands.find((word) => word.includes('://')) ?? last)];
    }
    case 'aws':
    case 'gsutil':
    case 'gcloud': {
      if (!/\b(cp|sync|mv|get-object|rsync)\b/.test(operands.slice(0, 3).join(' '))) {
        return undefined;
      }
      const from = operands.at(-2) ?? '';
      if (last === undefined || /^s3:|^gs:/.test(last)) {
        return undefined;
      }
      return [last.endsWith('/') || last === '.' ? `${last}/${base(from)}` : last];
    }
    case 'scp':
    case 'rsync':
      return last !== undefined && operands.some((word) => /^[^/]*:/.test(word))
        ? [last]
        : undefined;
    case 'tar':
      return /x/.test(rest[0] ?? '') || rest.includes('--extract')
        ? [option('-C', '--directory') ?? '.']
        : undefined;
    case 'unzip':
      return [option('-d') ?? '.'];
    case 'git': {
      if (operands[0] !== 'clone') {
        return undefined;
      }
      const url = operands.find((word) => /:\/\/|@|\.git$/.test(word)) ?? '';
      // The program itself or a plugin.
      if (/openstack\/(horizon|[\w-]+-(dashboard|ui))(\.git)?$/.test(url)) {
        return undefined;
      }
      return last === url ? [base(url).replace(/\.git$/, '')] : [last ?? ''];
    }
    default:
      return undefined;
  }
}
