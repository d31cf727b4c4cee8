import { IConstruct } from 'constructs';
import { Acknowledgment } from 'aws-cdk-lib';
import { OpenStackDashboard } from '../lib';

/** Findings of the rule packs that the ready app accepts, and why. docs/findings.md lists them. */
export function acknowledgements(
  _dashboard: OpenStackDashboard,
): { construct: IConstruct; findings: Acknowledgment[] }[] {
  return [];
}
