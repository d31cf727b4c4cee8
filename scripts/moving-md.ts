/** Writes the tables of docs/moving.md from the variables that `openstack-dashboard-import` reads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elsewhere } from '../lib/import/files/deployment-tools.json';
import { TOOLS, Variable } from '../lib/import/deployment-tools';
import { settingRows } from '../lib/import/settings-table';
import { settingCode } from './horizon-settings-md';

const ELSEWHERE: Readonly<Record<string, string>> = elsewhere;

const PAGE = join(__dirname, '../docs/moving.md');

const HOW = { prop: '', library: 'the library', extraSettings: '`extraSettings`' };

const FORMS: Readonly<Record<string, string>> = {
  keys: 'each key like the same key of the setting',
  settings: 'each like the setting of its name, from a text in Python',
  versioned: 'with `/v3` at the end',
};

/** The settings of a table, and how each is set. */
function target({ setting, plugin, prop, why, form = '' }: Variable): [string, string] {
  if (why !== undefined || plugin !== undefined || prop !== undefined) {
    const named = plugin === undefined ? `\`${prop}\`` : `\`hosts.plugins\`: \`${plugin}\``;
    return ['', why ?? named];
  }
  if (setting === undefined) {
    return ['settings', FORMS[form]];
  }
  const rows = settingRows();
  const row = rows.find((each) => each.setting === setting);
  const first = rows.find((each) => each.setting.startsWith(`${setting}.`));
  const how =
    setting === 'SECRET_KEY'
      ? 'not carried over: `secretKey`'
      : setting === 'CACHES'
        ? '`session`'
        : row
          ? HOW[row.by] || `\`${row.prop}\``
          : first?.prop !== undefined && setting !== 'HORIZON_CONFIG'
            ? `\`${first.prop.split('.')[0]}\``
            : (FORMS[form] ?? ELSEWHERE[setting] ?? "not in the reference of the hosts' Horizon");
  return [settingCode(setting), how + (form === 'versioned' ? `, ${FORMS.versioned}` : '')];
}

function tableOf(tool: string): string {
  const rows = Object.entries(TOOLS[tool])
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, variable]) => `| \`${name}\` | ${target(variable).join(' | ')} |`);
  return [
    '<!-- prettier-ignore -->',
    '| Variable | Setting | Set with |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The page with its tables as they have to be. */
export function renderMoving(): string {
  return readFileSync(PAGE, 'utf8').replace(
    /(<!-- variables of (\S+) begin[^>]*-->\n)[^]*?(\n<!-- variables end -->)/g,
    (_all, begin: string, tool: string, end: string) => `${begin}\n${tableOf(tool)}\n${end}`,
  );
}
