# The archive on this machine, in Cloudflare's own runtime: `node local.mjs` starts it.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "archive", worker = .archiveWorker),
    (name = "disk", disk = (path = "data", writable = true)), # another folder: -d disk=FOLDER
    (name = "internet", network = (allow = [])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "archive")], # another port: -s http=127.0.0.1:8788
);

const archiveWorker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "src/worker.js"),
    (name = "object.js", esModule = embed "src/object.js"),
    (name = "auth.js", esModule = embed "src/auth.js"),
    (name = "batch.js", esModule = embed "src/batch.js"),
    (name = "protocol.js", esModule = embed "src/protocol.js"),
  ],
  compatibilityDate = "2026-01-01",
  bindings = [
    (name = "ARCHIVE", durableObjectNamespace = "UserArchive"),
    (name = "ARCHIVE_KEY", fromEnvironment = "ARCHIVE_KEY"),
    (name = "ARCHIVE_KEY_PREVIOUS", fromEnvironment = "ARCHIVE_KEY_PREVIOUS"),
    (name = "MAX_OBJECT_BYTES", fromEnvironment = "MAX_OBJECT_BYTES"),
  ],
  durableObjectNamespaces = [(className = "UserArchive", uniqueKey = "satchel-user-archive", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
);
