export function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/**
 * The value of a variable in the host configuration of user data: `NAME="value"` with the characters
 * that a shell would interpret escaped, or `NAME="BASE64" base64` where the template builds the value.
 */
export function variable(userData: string, name: string): string | undefined {
  const line = new RegExp(`^${name}="(.*)"( base64)?$`, 'm').exec(userData);
  if (line === null) {
    return undefined;
  }
  return line[2] === undefined ? line[1].replace(/\\(.)/g, '$1') : decode(line[1]);
}

/** User data in which URLs of some names have a port: a browser reaches the preview there. */
export function withPort(userData: string, names: string[], port: number): string {
  const urls = names.map((name) => new RegExp(`^https://${name.replaceAll('.', '\\.')}(?=/|$)`));
  return userData.replace(/^([A-Z0-9_]+)="(.*)"( base64)?$/gm, (line, name: string) => {
    const value = variable(line, name) ?? '';
    const url = urls.map((one) => one.exec(value)?.[0]).find((found) => found !== undefined);
    return url === undefined
      ? line
      : `${name}="${encode(`${url}:${port}${value.slice(url.length)}`)}" base64`;
  });
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
