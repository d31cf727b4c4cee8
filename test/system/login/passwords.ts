import { sleep } from '../../../preview/shared/run';
import { Checks, must } from '../harness/checks';
import { addUser, LOCKOUT, tryAtKeystone } from './cloud';
import { attempt, enter, journal, say, Stage, visit } from './stage';

/** A few wrong passwords of an account from a static host: another address than the browser's. */
function stranger(name: string): string {
  return `
set -u
jar=$(mktemp) page=https://$1/auth/login/
ask() { curl -s -k -m 60 --connect-to "::$2:443" -b "$jar" -c "$jar" -e "$page" "\${@:3}" "$page"; }
form=$(ask "$1" "$2")
token=$(grep -o 'csrfmiddlewaretoken" value="[^"]*' <<<"$form" | head -n 1 | cut -d '"' -f 3)
for number in $(seq 30); do
  ask "$1" "$2" -o /dev/null -w '%{http_code} ' -d "csrfmiddlewaretoken=$token" -d username=${name} \
    -d "password=wrong-$number" -d region=0 -d domain=Default
done
rm "$jar"`;
}

export const PASSWORDS: Checks<Stage> = [
  [
    'an expired password is replaced in the form, and the new one logs in',
    async (stage: Stage) => {
      const { preview } = stage;
      const name = 'max.mustermann';
      const [old, fresh] = ['Before-it-expired-1', 'After-it-expired-2'];
      await addUser(preview, { name, password: old, project: 'of max', expired: true });
      const { context, page } = await visit(stage);
      await page.goto(`${preview.url}auth/login/`);
      await enter(page, { name, password: old });
      await page.waitForURL(/\/auth\/password\//);
      const change = async (original: string, password: string) => {
        await page.fill('#id_original_password', original);
        await page.fill('#id_password', password);
        await page.fill('#id_confirm_password', password);
        await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')]);
        return say(page);
      };
      await stage.shoot(page, 'login-expired.png');
      const short = await change(old, 'short');
      must(/\/auth\/password\//.test(page.url()), 'a short one is accepted');
      must(/password/i.test(short), `it says ${short}`);
      const wrong = await change('not it', fresh);
      must(/Unable to update the user password/.test(wrong), `a wrong old one: ${wrong}`);
      const done = await change(old, fresh);
      must(/Password changed\. Please log in/.test(done), `then it says ${done}`);
      must((await attempt(stage, page, name, old)) === 200, 'the old one still logs in');
      must((await attempt(stage, page, name, fresh)) === 302, 'the new one does not log in');
      const said = await journal(stage);
      must(!said.includes(old) && !said.includes(fresh), 'the log has a password');
      await context.close();
    },
  ],
  [
    'a password that expires soon has a warning',
    async (stage: Stage) => {
      const { preview } = stage;
      const { context, page } = await visit(stage);
      await page.goto(`${preview.url}settings/`);
      await enter(page, { name: preview.user, password: preview.password });
      const text = await say(page);
      must(/Please consider changing your password/.test(text), `it says ${text.slice(0, 400)}`);
      await context.close();
    },
  ],
  [
    'a stranger does not lock an account in Keystone: its owner logs in from another address',
    async (stage: Stage) => {
      const { preview } = stage;
      const name = 'john.doe';
      const host = (await preview.call('hosts')).find(({ role }) => role === 'static');
      const arguments_ = [preview.name, preview.plan.loadBalancerName];
      const statuses = (
        await preview.call('exec', host?.id ?? '', [
          ...['/bin/bash', '-c', stranger(name), 'stranger', ...arguments_],
        ])
      )
        .trim()
        .split(' ');
      const [tried, refused] = ['200', '429'].map(
        (status) => statuses.filter((one) => one === status).length,
      );
      must(tried + refused === 30, `the stranger gets ${statuses.join(', ')}`);
      must(tried < LOCKOUT.attempts, `Keystone got ${tried} of the stranger's passwords`);
      must(refused > 20, `${refused} were refused`);
      const { context, page } = await visit(stage);
      const status = await attempt(stage, page, name, preview.password);
      must(status === 302, `the owner gets ${status}`);
      must(/john\.doe/.test(await say(page)), 'the owner is not logged in');
      await context.close();
    },
  ],
  [
    'an account that is locked in Keystone says no more than a wrong password does, until it is open again',
    async (stage: Stage) => {
      const { preview } = stage;
      const name = 'jane.roe';
      for (let number = 0; number < LOCKOUT.attempts; number += 1) {
        await tryAtKeystone(preview, name);
      }
      const { context, page } = await visit(stage);
      const status = await attempt(stage, page, name, preview.password);
      const text = await say(page);
      must(status === 200 && /Invalid credentials/.test(text), `it gets ${status}: ${text}`);
      must(!/lock/i.test(text), `it says ${text}`);
      await sleep(1000 * (LOCKOUT.seconds + 1));
      const later = await attempt(stage, page, name, preview.password);
      must(later === 302, `after the time it gets ${later}`);
      await context.close();
    },
  ],
];
