// Whether a lookup or a logout takes longer with more memcached nodes: the client of hosts with 2, 40 and 300 real
// memcached servers over TLS, in turn, round by round, in one run. `npm run bench:nodes`; root, Linux, 2 GiB of
// memory. --quick takes few rounds.
//
// All servers share the machine with the client. In a deployment, the nodes of a logout work at the same time, so
// the ratios here are upper bounds.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { checkMachine } from '../preview';
import { hostTestImage } from '../harness/host-image';
import { Goal, median, report, round } from './report';

const ROUNDS = process.argv.includes('--quick') ? 9 : 45;
const COUNTS = [2, 40, 300];

interface Result {
  readonly nodes: number;
  readonly lookup: number;
  readonly logout: number;
  readonly choice: number | null;
}

const GOALS: [keyof Result, number, number][] = [
  ['logout', 40, 4],
  ['logout', 300, 4],
  ['lookup', 40, 1.5],
  ['lookup', 300, 1.5],
];

async function main(): Promise<void> {
  try {
    checkMachine();
  } catch (error) {
    console.error(`the bench of nodes cannot run here: ${(error as Error).message}`);
    process.exit(1);
  }
  const image = await hostTestImage();
  const namespaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
  const program = join(__dirname, 'nodes/in-image.sh');
  const repository = join(__dirname, '..');
  const said = execFileSync(
    'unshare',
    [...namespaces, '--mount-proc', program, repository, image.layers.join(':'), String(ROUNDS)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 24 },
  );
  const results = JSON.parse(said.trim().split('\n').at(-1) ?? '[]') as Result[];
  const of = (nodes: number, what: keyof Result): number[] =>
    results
      .filter((result) => result.nodes === nodes && result[what] !== null)
      .map((result) => Number(result[what]));
  const ratio = (nodes: number, what: keyof Result): number => {
    const two = of(2, what);
    return median(of(nodes, what).map((value, index) => value / two[index]));
  };
  const table = COUNTS.map((nodes) => ({
    nodes,
    'choosing the node, µs': round(median(of(nodes, 'choice'))),
    'lookup, µs': round(median(of(nodes, 'lookup'))),
    'times that of 2 nodes': round(ratio(nodes, 'lookup')),
    'logout, µs': round(median(of(nodes, 'logout'))),
    'times that of 2 nodes ': round(ratio(nodes, 'logout')),
  }));
  const goals = GOALS.map(([what, nodes, most]): Goal => {
    const value = ratio(nodes, what);
    const name = `time of a ${what}, ${nodes} nodes / 2 nodes`;
    return { name, value: round(value), goal: `<= ${most}`, holds: value <= most };
  });
  report(table, goals);
}

main().catch((error: Error) => {
  process.stderr.write(`bench of nodes: ${error.stack}\n`);
  process.exit(1);
});
