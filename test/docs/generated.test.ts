import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDiagrams } from '../../scripts/diagram';
import { renderFindings } from '../../scripts/findings-md';
import { renderHorizonSettings } from '../../scripts/horizon-settings-md';
import { renderMoving } from '../../scripts/moving-md';

const ROOT = join(__dirname, '..', '..');

test('docs/findings.md is what the ready app accepts', () => {
  expect(readFileSync(join(ROOT, 'docs/findings.md'), 'utf8')).toBe(renderFindings());
});

test('the diagrams are those of the template', () => {
  for (const [file, text] of renderDiagrams()) {
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
});

test('the diagram shows who talks to whom', () => {
  const [, full] = [...renderDiagrams().values()];
  const name = (title: string) => new RegExp(`(n\\d+)\\S*<b>${title}</b>`).exec(full)![1];
  const arrows = [...full.matchAll(/^ {2}(n\d+) -\.?->\|"(.*)"\| (n\d+)$/gm)].map(
    ([, from, label, to]) => `${from} ${to} ${label}`,
  );
  const arrow = (from: string, to: string) =>
    arrows.find((one) => one.startsWith(`${name(from)} ${name(to)} `)) ?? '';
  expect(arrow('browser', 'load balancer')).toMatch(/HTTPS 443.*HTTP 80, redirects/);
  expect(arrow('load balancer', 'dashboard hosts')).toMatch(/HTTPS 443/);
  expect(arrow('load balancer', 'static hosts')).toMatch(/static\..*\/static\/\*/);
  expect(arrow('dashboard hosts', 'sessions')).toMatch(/TLS 11311/);
  expect(arrow('dashboard hosts', 'asset bucket')).toMatch(/publishes/);
  expect(arrow('static hosts', 'asset bucket')).toMatch(/pulls/);
  expect(arrow('dashboard hosts', 'SECRET_KEY')).toMatch(/reads/);
  expect(arrow('static hosts', 'sessions')).toBe('');
  expect(arrow('browser', 'sessions')).toBe('');
});

test('docs/moving.md has the variables that are read', () => {
  expect(readFileSync(join(ROOT, 'docs/moving.md'), 'utf8')).toBe(renderMoving());
});

test('docs/horizon-settings.md is that of the contract', () => {
  const page = readFileSync(join(ROOT, 'docs/horizon-settings.md'), 'utf8');
  expect(page).toBe(renderHorizonSettings());
});
