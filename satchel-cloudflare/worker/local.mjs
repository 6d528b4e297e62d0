// The archive on this machine: the Worker and its Durable Objects in Cloudflare's own runtime, without an account.
//
//   npm ci --ignore-scripts
//   ARCHIVE_KEY=$(openssl rand -hex 32) node local.mjs [--port 8788] [--data FOLDER] [--stop-with-stdin]
//
// Port 0, the default, takes a free one. Without --data the archive is gone at the end. One line of JSON on stdout says when it
// is ready. With --stop-with-stdin it ends when its stdin is closed: also when whoever started it was killed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    'stop-with-stdin': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log('ARCHIVE_KEY=... node local.mjs [--port 8788] [--data FOLDER] [--stop-with-stdin]');
  process.exit(0);
}
const here = dirname(fileURLToPath(import.meta.url));
const platform = `workerd-${process.platform}-${process.arch === 'x64' ? '64' : process.arch}`;
const workerd = join(here, 'node_modules', '@cloudflare', platform, 'bin', process.platform === 'win32' ? 'workerd.exe' : 'workerd');
if (!existsSync(workerd)) fail(`${workerd} is missing: run npm ci --ignore-scripts in ${here}`);
if ((process.env.ARCHIVE_KEY ?? '').length < 32) fail('ARCHIVE_KEY must have at least 32 characters: export ARCHIVE_KEY=$(openssl rand -hex 32)');

const data = options.data ? resolve(options.data) : mkdtempSync(join(tmpdir(), 'satchel-local-archive-'));
mkdirSync(data, { recursive: true });
const child = spawn(
  workerd,
  ['serve', '--control-fd=1', '-s', `http=127.0.0.1:${options.port}`, '-d', `disk=${data}`, join(here, 'local.capnp')],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
createInterface({ input: child.stdout }).on('line', (line) => {
  const listening = /^\{"event":"listen","socket":"http","port":([0-9]+)\}$/.exec(line);
  if (listening) console.log(JSON.stringify({ event: 'ready', url: `http://127.0.0.1:${listening[1]}` }));
  else console.error(line);
});
child.on('exit', (code) => {
  if (!options.data) rmSync(data, { recursive: true, force: true });
  process.exit(code ?? 1);
});
const stop = () => child.kill('SIGTERM');
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
if (options['stop-with-stdin']) {
  process.stdin.on('end', stop);
  process.stdin.on('error', stop);
  process.stdin.resume();
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
