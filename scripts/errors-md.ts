/** Writes docs/errors.md from the calls in lib that make errors and warnings at synth time. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as ts from 'typescript';
import { boundsOf } from '../lib/contract/environment';

const LIB = join(__dirname, '../lib');
const UNKNOWN = '…';

/** The pages about the code in a file or folder; the first that fits. */
const PAGES: readonly (readonly [path: string, ...links: string[]])[] = [
  ['dashboard-hosts/customization.ts', '[customization](customization.md)'],
  ['dashboard-hosts/dashboard-message.ts', '[customization](customization.md)'],
  ['dashboard-hosts/horizon-release.ts', '[releases of Horizon](horizon-releases.md)'],
  ['dashboard-hosts/theme.ts', '[themes](static.md)'],
  ['dashboard-hosts/policy', '[plugins and policies](plugins.md)'],
  ['dashboard-hosts/horizon-plugin.ts', '[plugins and policies](plugins.md)'],
  ['dashboard-hosts/openstack-api.ts', '[network](network.md)'],
  ['dashboard-hosts/', '[hosts](hosts.md)'],
  ['entry/routing-policy.ts', '[two regions](regions.md)'],
  ['entry/', '[load balancer and names](entry.md)'],
  ['hosts/egress-proxy.ts', '[network](network.md)'],
  ['hosts/admin-access.ts', '[network](network.md)'],
  ['hosts/', '[hosts](hosts.md)'],
  ['image/', '[baked images](baked-images.md)'],
  ['logs/access-log', '[access logs](access-logs.md)'],
  ['logs/', '[logs](logs.md)'],
  ['monitoring/', '[alarms](alarms.md)'],
  ['network/', '[network](network.md)'],
  ['secret/', '[rotation](rotation.md)'],
  ['session/dashboard-container.ts', '[containers](containers.md)'],
  ['session/', '[sessions](sessions.md)'],
  ['settings/domain-login.ts', '[logging in](login.md)'],
  ['settings/login-attempts.ts', '[logging in](login.md)'],
  ['settings/web-sso.ts', '[single sign-on](single-sign-on.md)'],
  ['settings/regions.ts', '[logging in](login.md)'],
  ['settings/', '[settings](settings.md)', "[Horizon's settings](horizon-settings.md)"],
  ['static/', '[static media](static.md)'],
  ['openstack-dashboard.ts', '[first dashboard](tutorials/first-dashboard.md)'],
];

/** Commands, and the rule pack, which has findings instead. */
const OTHERS = /^(?:import|nag)\//;
/** Functions whose errors are about values of their callers. */
const SHARED = /^shared\//;

type Scope = ReadonlyMap<string, string | undefined>;
type Callable = ts.FunctionDeclaration | ts.MethodDeclaration | ts.ArrowFunction;

interface Problem {
  readonly file: string;
  readonly group: string;
  readonly message: string;
  readonly instead: string;
}

interface Source {
  readonly name: string;
  readonly node: ts.SourceFile;
}

function sources(): Source[] {
  const names = (readdirSync(LIB, { recursive: true }) as string[])
    .filter((name) => /(?<!\.d)\.ts$/.test(name) && !OTHERS.test(name))
    .sort();
  return names.map((name) => ({
    name,
    node: ts.createSourceFile(
      name,
      readFileSync(join(LIB, name), 'utf8'),
      ts.ScriptTarget.ES2022,
      true,
    ),
  }));
}

/** All nodes below one, which is the first. */
function* walk(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) {
    yield* walk(child);
  }
}

function nameOf(node: Callable): string | undefined {
  const named = ts.isArrowFunction(node)
    ? ts.isVariableDeclaration(node.parent)
      ? node.parent.name
      : undefined
    : node.name;
  return named?.getText();
}

function callableAround(node: ts.Node): Callable | undefined {
  const found = ts.findAncestor(
    node.parent,
    (each): each is Callable =>
      (ts.isFunctionDeclaration(each) ||
        ts.isMethodDeclaration(each) ||
        ts.isArrowFunction(each)) &&
      nameOf(each) !== undefined,
  );
  return found;
}

/** Whether the file of a node imports a name from a file. */
const imports = (node: ts.Node, name: string, file: string): boolean =>
  node
    .getSourceFile()
    .statements.some(
      (each) =>
        ts.isImportDeclaration(each) &&
        each.moduleSpecifier.getText().slice(1, -1).split('/').at(-1) === basename(file, '.ts') &&
        new RegExp(`\\b${name}\\b`).test(each.importClause?.getText() ?? ''),
    );

const calleeOf = ({ expression }: ts.CallExpression): string =>
  ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();

/** The value of the constant that a name stands for. */
function valueOf(name: ts.Identifier): ts.Expression | undefined {
  for (let at: ts.Node = name.parent; at; at = at.parent) {
    const isOther =
      (ts.isFunctionLike(at) && at.parameters.some((each) => each.name.getText() === name.text)) ||
      (ts.isForOfStatement(at) && new RegExp(`\\b${name.text}\\b`).test(at.initializer.getText()));
    if (isOther) {
      return undefined;
    }
    for (const statement of ts.isBlock(at) || ts.isSourceFile(at) ? at.statements : []) {
      const declarations = ts.isVariableStatement(statement)
        ? statement.declarationList.declarations
        : [];
      for (const { name: declared, initializer } of declarations) {
        if (ts.isIdentifier(declared) && declared.text === name.text) {
          return initializer;
        }
        if (new RegExp(`\\b${name.text}\\b`).test(declared.getText())) {
          return undefined;
        }
      }
    }
  }
  return undefined;
}

class Reader {
  private readonly files = sources();
  private readonly calls = new Map<string, { call: ts.CallExpression; file: string }[]>();

  constructor() {
    for (const { name, node } of this.files) {
      for (const each of walk(node)) {
        if (ts.isCallExpression(each)) {
          const callee = calleeOf(each);
          this.calls.set(callee, [...(this.calls.get(callee) ?? []), { call: each, file: name }]);
        }
      }
    }
  }

  /** The text of an expression, with an ellipsis for what only the app knows. */
  private text(node: ts.Node | undefined, scope: Scope, depth = 0): string {
    if (!node || depth > 6) {
      return UNKNOWN;
    }
    const inner = (each: ts.Node): string => this.text(each, scope, depth + 1);
    if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) {
      return node.text.replaceAll('_', ts.isNumericLiteral(node) ? '' : '_');
    }
    if (ts.isTemplateExpression(node)) {
      return node.templateSpans.reduce(
        (text, { expression, literal }) => `${text}${inner(expression)}${literal.text}`,
        node.head.text,
      );
    }
    if (ts.isConditionalExpression(node)) {
      const known = ts.isIdentifier(node.condition) ? scope.get(node.condition.text) : undefined;
      if (ts.isIdentifier(node.condition) && scope.has(node.condition.text)) {
        return inner(known === undefined ? node.whenFalse : node.whenTrue);
      }
      const both = [...new Set([inner(node.whenTrue), inner(node.whenFalse)])];
      return both.some((each) => each.includes(UNKNOWN)) ? UNKNOWN : both.join(' / ');
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return `${inner(node.left)}${inner(node.right)}`;
    }
    if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) {
      return inner(node.expression);
    }
    if (ts.isIdentifier(node)) {
      if (scope.has(node.text)) {
        return scope.get(node.text) ?? '';
      }
      const value = valueOf(node);
      return value ? inner(value) : UNKNOWN;
    }
    return UNKNOWN;
  }

  /** The arguments of a call, by the names of the callee's parameters. */
  private scopeOf(callee: Callable, call: ts.CallExpression, outer: Scope): Scope {
    const texts: (string | undefined)[] = call.arguments.flatMap((arg) => {
      if (!ts.isSpreadElement(arg)) {
        return arg.getText() === 'undefined' ? [undefined] : [this.text(arg, outer)];
      }
      const { expression } = arg;
      const isBounds = ts.isCallExpression(expression) && calleeOf(expression) === 'boundsOf';
      const name = isBounds ? this.text(expression.arguments[0], outer) : UNKNOWN;
      return name === '' || name.includes(UNKNOWN)
        ? [UNKNOWN, UNKNOWN]
        : boundsOf(name).map(String);
    });
    return new Map(
      callee.parameters.map(({ name, initializer }, at) => [
        name.getText(),
        texts[at] ?? (initializer ? this.text(initializer, outer) : undefined),
      ]),
    );
  }

  /** The calls that lead to a call of `invalid` whose prop is a parameter of the function around it. */
  private origins(
    call: ts.CallExpression,
    file: string,
    parts: (scope: Scope) => string[],
    names: readonly ts.Node[],
    depth = 0,
  ): (readonly [ts.CallExpression, string, string[]])[] {
    const callable = callableAround(call);
    const parameters = new Set(callable?.parameters.map(({ name }) => name.getText()));
    const isGiven = names.some((node) =>
      [...walk(node)].some((each) => ts.isIdentifier(each) && parameters.has(each.text)),
    );
    const name = callable && nameOf(callable);
    const isMethod = callable !== undefined && ts.isMethodDeclaration(callable);
    const callers = ((name !== undefined && this.calls.get(name)) || []).filter(
      (caller) =>
        caller.file === file ||
        (!isMethod && imports(caller.call, name!, callable!.getSourceFile().fileName)),
    );
    if (!isGiven || !callable || !callers.length || depth > 4) {
      return [[call, file, parts(new Map())]];
    }
    return callers.flatMap((caller) =>
      this.origins(
        caller.call,
        caller.file,
        (outer) => parts(this.scopeOf(callable, caller.call, outer)),
        caller.call.arguments,
        depth + 1,
      ),
    );
  }

  public problems(): Problem[] {
    const found = (this.calls.get('invalid') ?? []).flatMap(({ call, file }) => {
      const [, prop, must, got, instead] = call.arguments;
      const parts = (scope: Scope): string[] => [
        `${this.text(prop, scope)} must ${this.text(must, scope)}${got && got.getText() !== 'undefined' ? `, got ${got.getText() === 'null' ? 'none' : UNKNOWN}` : ''}`,
        instead ? this.text(instead, scope) : '',
      ];
      return this.origins(call, file, parts, [prop, must, ...(instead ? [instead] : [])]).map(
        ([at, where, [message, advice]]): Problem => {
          const [short, after] = message.split(/; (.*)/);
          return {
            file: where,
            group: groupOf(at),
            message: short.replaceAll(/…(?:\.…)+/g, UNKNOWN),
            instead: [after, advice.replace(/^…+(?:: …?)?/, '')].filter(Boolean).join('; '),
          };
        },
      );
    });
    return found.filter(({ file }) => !SHARED.test(file));
  }

  /** The identifiers of warnings, with their texts. */
  public warnings(): (readonly [id: string, text: string, file: string])[] {
    return (this.calls.get('addWarning') ?? []).map(({ call, file }) => {
      const [id, text] = call.arguments.map((arg) => this.text(arg, new Map()));
      return [id, text, file] as const;
    });
  }
}

/** The class around a node, or the one after which its file is named. */
function groupOf(node: ts.Node): string {
  const around = ts.findAncestor(node, ts.isClassDeclaration);
  const isExported = (each: ts.Statement): boolean =>
    ts.canHaveModifiers(each) &&
    (ts.getModifiers(each) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const statements = node.getSourceFile().statements.filter(isExported);
  const own = basename(node.getSourceFile().fileName, '.ts').replaceAll('-', '');
  const named =
    (around && isExported(around) ? around : undefined) ??
    statements
      .filter((each) => ts.isClassDeclaration(each) || ts.isInterfaceDeclaration(each))
      .find((each) => each.name?.text.toLowerCase() === own) ??
    statements.find(ts.isClassDeclaration) ??
    statements.find(ts.isInterfaceDeclaration);
  return named?.name?.text ?? 'OpenStackDashboard';
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();

/** A text in code style, which may have backticks in it. */
const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

function tableOf(problems: readonly Problem[]): string[] {
  const rows = problems.map(
    ({ message, instead }) =>
      `| ${cell(code(message))} | ${instead ? cell(instead).replaceAll('*', '\\*').replaceAll('<', '&lt;') : ''} |`,
  );
  return [
    '<!-- prettier-ignore -->',
    '| Message | Cause, or what to do |',
    '| --- | --- |',
    ...new Set(rows),
  ];
}

function pagesOf(file: string): readonly string[] {
  const found = PAGES.find(([path]) => file.startsWith(path));
  if (!found) {
    throw new Error(`${file}: scripts/errors-md.ts must have the page that explains its errors`);
  }
  return found.slice(1);
}

const HEAD = `# Errors

An invalid or contradictory value fails at synth time, before anything is deployed. This page lists all messages of the library, by the
class whose props they are about. It is written by \`npm run docs\` from the source.

\`\`\`text
Dashboard/Dashboard/Hosts: maxCapacity must be greater than minCapacity (2), got 2; an update launches new hosts before it terminates old ones
\`\`\`

A message begins with the path of the construct. Then come the prop and its requirement, the value that was given, and, after a
semicolon, what to do. \`…\` stands for a part that depends on the app. In Python, [props have Python's names](languages.md#errors).

<!-- prettier-ignore -->
| Error in | See |
| --- | --- |
| a construct, at synth time | the tables below |
| a missing prop, or one of another type | the language itself: a compiler, or Python's \`TypeError\` |
| a finding of the rule pack | [rules](../RULES.md), one section each, and [acknowledging a finding](rule-pack.md) |
| \`openstack-dashboard-check\` | [its exit status](check.md#options) |
| \`openstack-dashboard-import\` | [the meaning of its comments](moving.md#what-becomes-of-a-setting) |
| a deployment | [first deployment](operations.md#first-deployment), [an update that is broken](operations.md#when-an-update-is-broken) |
| a host: \`openstack-dashboard: FAILED: …\` | [when a host does not start](operations.md#when-a-host-does-not-start) |
| a page of the dashboard | [what users see](operations.md#what-users-see), [known faults of Horizon](known-faults.md) |

Each class is described in the [public API](../API.md).
`;

export function renderErrors(): string {
  const reader = new Reader();
  const problems = reader.problems();
  const lines = [HEAD];
  for (const group of [...new Set(problems.map((each) => each.group))].sort()) {
    const own = problems.filter((each) => each.group === group);
    const pages = [...new Set(own.flatMap(({ file }) => pagesOf(file)))];
    lines.push(`## ${group}`, '', `About it: ${pages.join(', ')}.`, '', ...tableOf(own), '');
  }
  lines.push(
    '## Warnings',
    '',
    'Synthesis goes on after a warning. `Validations.of(construct).acknowledge({ id, reason })` silences one that does not apply.',
    '',
    '<!-- prettier-ignore -->',
    '| Warning | Text | About it |',
    '| --- | --- | --- |',
    ...reader
      .warnings()
      .map(([id, text, file]) => `| \`${id}\` | ${cell(text)} | ${pagesOf(file).join(', ')} |`)
      .sort(),
    '',
  );
  return lines.join('\n');
}
