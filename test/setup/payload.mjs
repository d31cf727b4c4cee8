// The constructs read lib/hosts/payload.json, which a fresh clone does not have.
import { packPayload } from '../../scripts/payload.mjs';
import { bundleYaml } from '../../scripts/yaml.mjs';

export default function setup() {
  packPayload();
  bundleYaml();
}
