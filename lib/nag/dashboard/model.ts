import { Doubt } from '../reading/shell/doubts';
import { Permission } from '../reading/shell/permissions';
import { Resource } from '../template/template';
import { Setting, Text } from '../template/text';

/** A place with settings of a host. */
export interface Source {
  readonly kind: 'metadata' | 'userData' | 'container';
  /** The path in the resource, for reports. */
  readonly location: string;
  readonly settings: ReadonlyMap<string, Setting>;
}

/** A resource that runs the dashboard or that such a host reads: a template, a task, an image, a document. */
export interface Host {
  readonly resource: Resource;
  /** The settings in the resource, if any. */
  readonly sources: readonly Source[];
}

/** User data of a machine in the app, or another text that it reads. */
export interface UserData extends Text {
  /** The path in the resource, for reports. */
  readonly location: string;
  /** Whether a shell runs it, if the text does not show it. */
  readonly isScript?: boolean;
  /** Parts that cannot be followed but may matter. */
  readonly doubts?: readonly Doubt[];
  /** Whether it belongs to a dashboard, regardless of its content. */
  readonly isDashboard?: boolean;
  /** The final owners and modes of files, if a script was followed. */
  readonly permissions?: ReadonlyMap<string, Permission>;
  /** Where settings can be: the script, the dashboard's files and each other file. */
  readonly settings?: readonly string[];
}

/** The contents of a resource of one of HOST_TYPES. */
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
