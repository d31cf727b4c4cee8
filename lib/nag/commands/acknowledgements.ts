#!/usr/bin/env node
import { AcknowledgementReport } from '../report/acknowledgement-report';

const USAGE = `usage: openstack-dashboard-acknowledgements [--format text|json|sarif] [FOLDER]

Prints the acknowledged findings in a cloud assembly, with their reasons. FOLDER defaults to cdk.out.
`;

/** The output for the arguments. */
function output(args: readonly string[]): string {
  let format = 'text';
  const folders: string[] = [];
  for (let at = 0; at < args.length; at++) {
    if (args[at] === '--help') {
      return USAGE;
    }
    if (args[at] === '--format') {
      format = args[++at] ?? '';
    } else {
      folders.push(args[at]);
    }
  }
  if (folders.length > 1 || folders.some((folder) => folder.startsWith('-'))) {
    throw new Error(`FOLDER must be one folder, got '${folders.join(' ')}'\n${USAGE}`);
  }
  const report = AcknowledgementReport.fromAssembly(folders[0] ?? 'cdk.out');
  if (format === 'text') {
    return report.toText();
  }
  if (format === 'json') {
    return report.toJson();
  }
  if (format === 'sarif') {
    return report.toSarif();
  }
  throw new Error(`--format must be text, json or sarif, got '${format}'`);
}

try {
  process.stdout.write(output(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`openstack-dashboard-acknowledgements: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
