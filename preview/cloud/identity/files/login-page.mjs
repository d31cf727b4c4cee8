// What the preview's identity providers share: a server over TLS, users, and a form to log in with.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { URLSearchParams } from 'node:url';

/** What the provider was started with; see providers.ts. */
export const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));

export function serve(handler) {
  const { key, cert, port, address } = settings;
  createServer({ key, cert }, (request, response) => {
    Promise.resolve(handler(request, response)).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error.message}\n`);
    });
  }).listen(port, address);
}

export function userOf(name) {
  return settings.users.find((user) => user.name === name);
}

/** The user whose name and password a form has, or nothing. */
export function authenticate(form) {
  return form.get('password') === settings.password ? userOf(form.get('username')) : undefined;
}

export async function readForm(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
  }
  return new URLSearchParams(text);
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function page(response, body, status = 200) {
  const title = settings.title.replace(/[&<>"]/g, (letter) => ESCAPES[letter]);
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><style>
body { font: 16px sans-serif; background: #eef1f5; display: grid; place-items: center; height: 90vh; }
main { background: white; padding: 2em 3em; border-radius: 8px; box-shadow: 0 2px 12px #0002; }
label, input, button { display: block; width: 16em; box-sizing: border-box; margin: 0.4em 0; padding: 0.4em 0; }
</style></head>
<body><main><h1>${title}</h1>${body}</main></body></html>
`);
}

export function loginForm(response, action, failed) {
  page(
    response,
    `<form method="post" action="${action.replace(/[&<>"]/g, (letter) => ESCAPES[letter])}">
${failed ? '<p role="alert">The name or the password is wrong.</p>' : ''}
<label for="username">User name</label><input id="username" name="username" autofocus>
<label for="password">Password</label><input id="password" name="password" type="password">
<button type="submit">Log in</button></form>`,
    failed ? 401 : 200,
  );
}
