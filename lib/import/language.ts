import { Code } from './code';
import { Props } from './props';

/** The parts of a program that differ between languages. */
export interface Language {
  /** The beginning of a comment. */
  readonly comment: string;
  /** The stack: imports, and a class. */
  readonly stack: (props: Props, order: OrderedProps) => readonly string[];
  /** Code that users can uncomment and move into `settings`. */
  readonly extraSettings: (entries: OrderedProps) => readonly string[];
  /** A text with names of members, which are those of TypeScript. */
  readonly names: (text: string) => string;
}

/** Props with their names, in the order of the program. */
export type OrderedProps = readonly (readonly [string, Code])[];

export const CORE = new Set(['Duration', 'Size']);
export const CERTIFICATE =
  'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';
export const NOTES = {
  certificate:
    'The certificate of the domain name, and of static. before it; or a hostedZone instead of entry',
  placeholder: 'A placeholder: see below',
  vpc: 'The VPC of memcached: a new one, or the one that you have',
};
export const usesMemcached = ({ session }: Props): boolean =>
  session !== undefined && !session.isCookie;
