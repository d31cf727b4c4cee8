// The constructs read lib/hosts/payload.json, which a fresh clone does not have.
import { packPayload } from '../../scripts/payload.mjs';

export default function setup() {
  packPayload();
}
