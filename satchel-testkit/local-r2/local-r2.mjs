// Cloudflare's local R2 with its S3 endpoint, until the process is told to stop.
//
//   npm ci --ignore-scripts
//   node local-r2.mjs [--port 9000] [--bucket NAME]... [--data FOLDER] [--stop-with-stdin]
//
// Port 0, the default, takes a free one. Without --data the objects are gone at the end. Credentials are R2_ACCESS_KEY_ID and
// R2_SECRET_ACCESS_KEY of the environment, else "local" and "local-secret". One line of JSON on stdout says when it is ready.
// With --stop-with-stdin it ends when its stdin is closed: also when whoever started it was killed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Miniflare } from "miniflare";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    bucket: { type: "string", multiple: true, default: ["satchel"] },
    data: { type: "string" },
    "stop-with-stdin": { type: "boolean", default: false },
  },
});
const accessKeyId = process.env.R2_ACCESS_KEY_ID ?? "local";
const secretAccessKey = process.env.R2_SECRET_ACCESS_KEY ?? "local-secret";
const folder = options.data ? resolve(options.data) : mkdtempSync(join(tmpdir(), "satchel-local-r2-"));
const buckets = options.bucket.map((id, i) => [`BUCKET_${i}`, { id, s3Credentials: { accessKeyId, secretAccessKey } }]);

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: Number(options.port),
  cf: false, // asks nobody on the network
  telemetry: { enabled: false },
  r2Persist: folder,
  workers: [
    {
      name: "local-r2",
      modules: true,
      script: "export default { fetch() { return new Response('R2 is at /cdn-cgi/local/r2/s3\\n', { status: 404 }); } };",
      compatibilityDate: "2026-01-01",
      r2Buckets: Object.fromEntries(buckets),
    },
  ],
});

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  await miniflare.dispose(); // ends workerd, which a plain exit would leave behind
  if (!options.data) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
if (options["stop-with-stdin"]) {
  process.stdin.on("end", stop);
  process.stdin.on("error", stop);
  process.stdin.resume();
}

const endpoint = new URL("/cdn-cgi/local/r2/s3", await miniflare.ready).href;
console.log(
  JSON.stringify({
    event: "ready",
    endpoint,
    uris: options.bucket.map((bucket) => `r2://${bucket}?endpoint=${endpoint}`),
  }),
);
