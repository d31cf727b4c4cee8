#!/usr/bin/env node
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { runCommand, UsageError, versionOfLibrary } from '../../shared/command-line';
import { acknowledgementsOf } from '../check/acknowledgements';
import { check } from '../check/check';
import { Source } from '../check/source';
import { fields } from '../check/transforms';
import { toJson, toSarif, toText } from '../report/findings';

const NAME = 'openstack-dashboard-check';
const USAGE = `usage: ${NAME} [options] TEMPLATE...

Checks AWS CloudFormation templates (YAML, JSON, AWS SAM) against the OpenStack Security Guide. All
templates are checked together: exports, imports and nested stacks are followed. For a folder, all
templates in it are read.

  --format text|json|sarif         output format (default: text)
  --dashboard-name NAME            domain name of a dashboard that is not in the templates; repeatable
  --memcached-cluster-name NAME    session cache that no dashboard in the templates refers to; repeatable
  --parameter NAME=VALUE           value of a template parameter; repeatable
  --image-upload-plan TEXT         plan against resource exhaustion through image uploads
  --private-ca-trust TEXT          how browsers got the root of the private certificate authority
  --acknowledgements FILE          accepted findings, with reasons
  --skip-others                    skip files that are not CloudFormation templates
  --version, --help

Exit status: 0 if there are no errors or warnings, 1 if there are, 2 if an argument is invalid or a file
cannot be read.
`;

const FOLDERS_TO_SKIP = new Set(['node_modules', '.git', '.aws-sam']);
const TEMPLATE_FILE = /\.(ya?ml|json|template)$/i;
const LIKE_TEMPLATE = /(^|[{,])\s*["']?(AWSTemplateFormatVersion|Resources)["']?\s*:/m;

interface Input {
  readonly file: string;
  /** Whether the file must be a template. */
  readonly isNamed: boolean;
}

function inputsOf(paths: readonly string[], skipsOthers: boolean): Input[] {
  return paths.flatMap((path): Input[] => {
    if (!statSync(path).isDirectory()) {
      return [{ file: path, isNamed: !skipsOthers }];
    }
    return readdirSync(path, { withFileTypes: true }).flatMap((entry): Input[] => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) {
        return FOLDERS_TO_SKIP.has(entry.name) ? [] : inputsOf([inner], true);
      }
      return entry.isFile() && TEMPLATE_FILE.test(entry.name)
        ? [{ file: inner, isNamed: false }]
        : [];
    });
  });
}

/** A path as reports show it: relative if it is below the current folder. */
function fromHere(file: string): string {
  const path = isAbsolute(file) ? relative(process.cwd(), file) : file;
  return path.startsWith('..') ? file : path;
}

/** A template, or undefined for a file that is not a template and need not be one. */
function read({ file, isNamed }: Input): Source | undefined {
  const text = readFileSync(file, 'utf8');
  if (!isNamed && !LIKE_TEMPLATE.test(text)) {
    return undefined;
  }
  const source = Source.parse(fromHere(file), text);
  const { AWSTemplateFormatVersion: version, Resources, Transform } = fields(source.value);
  const types = Object.values(fields(Resources)).map((resource) => fields(resource).Type);
  if (
    version !== undefined ||
    Transform !== undefined ||
    types.some((type) => typeof type === 'string')
  ) {
    return source;
  }
  if (!isNamed) {
    return undefined;
  }
  throw new Error(`${file}: must be a CloudFormation template, got no Resources`);
}

function pairs(given: readonly string[]): Map<string, string> {
  return new Map(
    given.map((each) => {
      const at = each.indexOf('=');
      if (at < 1) {
        throw new UsageError(`--parameter must be NAME=VALUE, got '${each}'`);
      }
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}

function sentence(name: string, text: string | undefined): string | undefined {
  if (text?.trim() === '') {
    throw new UsageError(`${name} must be a sentence that an auditor can judge, got '${text}'`);
  }
  return text;
}

runCommand(
  NAME,
  USAGE,
  {
    format: { type: 'string', default: 'text' },
    'dashboard-name': { type: 'string', multiple: true, default: [] },
    'memcached-cluster-name': { type: 'string', multiple: true, default: [] },
    parameter: { type: 'string', multiple: true, default: [] },
    'image-upload-plan': { type: 'string' },
    'private-ca-trust': { type: 'string' },
    acknowledgements: { type: 'string' },
    'skip-others': { type: 'boolean', default: false },
  },
  ({ values, positionals }, complain) => {
    if (!['text', 'json', 'sarif'].includes(values.format)) {
      throw new UsageError(`--format must be text, json or sarif, got '${values.format}'`);
    }
    if (positionals.length === 0) {
      throw new UsageError('at least one template must be given');
    }
    const given = {
      names: {
        dashboards: values['dashboard-name'],
        memcachedClusters: values['memcached-cluster-name'],
        imageUploadPlan: sentence('--image-upload-plan', values['image-upload-plan']),
        privateCaTrust: sentence('--private-ca-trust', values['private-ca-trust']),
      },
      parameters: pairs(values.parameter),
      acknowledgements:
        values.acknowledgements === undefined
          ? []
          : acknowledgementsOf(
              Source.parse(values.acknowledgements, readFileSync(values.acknowledgements, 'utf8')),
            ),
    };
    const sources: Source[] = [];
    for (const input of inputsOf(positionals, values['skip-others'])) {
      // The other templates are checked nevertheless.
      try {
        const source = read(input);
        if (source) {
          sources.push(source);
        }
      } catch (error) {
        complain((error as Error).message);
      }
    }
    const outcome = check(sources, given);
    process.stdout.write(
      values.format === 'json'
        ? toJson(outcome)
        : values.format === 'sarif'
          ? toSarif(outcome, versionOfLibrary())
          : toText(outcome),
    );
    const fails = outcome.findings.some(
      ({ level, accepted }) => level !== 'info' && accepted === undefined,
    );
    process.exitCode ??= fails ? 1 : 0;
  },
);
