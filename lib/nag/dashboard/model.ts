import { Doubt } from '../reading/shell/doubts';
import { Permission } from '../reading/shell/permissions';
import { Resource } from '../template/template';
import { Setting, Text } from '../template/text';

/** One place where a host's settings were found. */
export interface Source {
  readonly kind: 'metadata' | 'userData' | 'container';
  /** The path in the resource, for reports. */
  readonly location: string;
  readonly settings: ReadonlyMap<string, Setting>;
}

/** Whatever runs the dashboard, and what such a host reads: a template, a task, an image, a document. */
export interface Host {
  readonly resource: Resource;
  /** The settings that it shows, which may be none. */
  readonly sources: readonly Source[];
}

/** User data of any machine of the app, and other texts that one reads. */
export interface UserData extends Text {
  /** The path in the resource, for reports. */
  readonly location: string;
  /** Whether a shell runs it, where it does not say so itself. */
  readonly isScript?: boolean;
  /** What of it cannot be followed, though it may matter. */
  readonly doubts?: readonly Doubt[];
  /** Whether it is a dashboard's, whatever it has. */
  readonly isDashboard?: boolean;
  /** Owners and modes of files in the end, where a script was followed. */
  readonly permissions?: ReadonlyMap<string, Permission>;
  /** Where it has settings: the script, the dashboard's files, and each other file. */
  readonly settings?: readonly string[];
}

/** What a resource of one of HOST_TYPES says. */
export interface Content {
  readonly texts: readonly UserData[];
  readonly containers: readonly Container[];
}

/** A container of a task. */
export interface Container {
  readonly location: string;
  readonly image: Text;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly isDashboard: boolean;
}
