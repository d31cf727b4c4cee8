import * as https from 'node:https';

/** Milliseconds. The load balancer closes connections that idle 60 s: no request may meet one that closes. */
const IDLE = 30_000;

/** Kept connections to the preview: whatever the name in a URL, they go to its address. */
export function previewAgent(ca: string, address: string, maxSockets: number): https.Agent {
  return new https.Agent({
    ca,
    keepAlive: true,
    timeout: IDLE,
    maxSockets,
    lookup: (_name, options, answer) =>
      options.all === true
        ? (answer as unknown as (e: null, a: object[]) => void)(null, [{ address, family: 4 }])
        : answer(null, address, 4),
  });
}
