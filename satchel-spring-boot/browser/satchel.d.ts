/** How the page stands to the store and to everybody else. Frozen; each change makes a new one. */
export interface SatchelStatus {
  /** The version that the page shows; null before the first answer. */
  readonly local: number | null;
  /** The newest version of which the page knows that it is in the store. */
  readonly durable: number | null;
  /** The newest version of which the page has heard, whoever made it. */
  readonly remote: number | null;
  /** The node that made `remote`, if an event said so. */
  readonly writer: string | null;
  /** Whether a write of this page is on its way. */
  readonly saving: boolean;
  /** Whether the server has written changes to its disk and has yet to upload them. */
  readonly pending: boolean;
  /** Whether the last write of this page is not known to be saved. `retry()` makes it again. */
  readonly unsaved: boolean;
  /** Set only on the page whose write met another one, until it loads: `saved` says whether it replaced the other or was refused. */
  readonly conflict: { readonly version: number; readonly saved: boolean } | null;
  /** Whether there are changes of another page, device or node that the page does not show. */
  readonly newer: boolean;
  /** Whether the page hears of changes at once. */
  readonly listening: boolean;
  /** Whether the server cannot be reached. */
  readonly offline: boolean;
  /** Whether the server does not know the user any more. `start()` tries again. */
  readonly signedOut: boolean;
}

/** Somebody else has written: what the `newer` event tells in `detail`. */
export interface NewerVersion {
  readonly version: number;
  /** `current` when it was found out by asking. */
  readonly kind: 'published' | 'applied' | 'conflict' | 'deleted' | 'restored' | 'current';
  readonly writer: string | null;
}

/** Where to listen, and what to. */
export interface SatchelSettings {
  /** `satchel.events.path` of the server; `/satchel/events` if left out. */
  url?: string | URL;
  /** Which of the user's databases; `database` if left out. */
  database?: string;
  /** Whether to listen at once; true if left out. */
  autoConnect?: boolean;
  /** What requests are made with; the browser's if left out. */
  fetch?: typeof fetch;
  /** Parts of the browser, for tests. */
  environment?: Record<string, unknown>;
}

/** Starts listening, and returns the database as the page sees it. */
export function connect(settings?: SatchelSettings): Satchel;

/** One database of the signed-in user, as one page sees it. Fires `change` and `newer`. */
export class Satchel extends EventTarget {
  constructor(settings?: SatchelSettings);
  /** The one status object. */
  get status(): SatchelStatus;
  /** Calls a listener now and after each change; returns what ends that. */
  subscribe(listener: (status: SatchelStatus) => void): () => void;
  /** The browser's fetch with the page's bookmark, and with an eye on what the answer says. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Makes the write again that failed last; undefined if none has. */
  retry(): Promise<Response | undefined>;
  /** Forgets the write that failed. */
  giveUp(): void;
  /** Loads what the page shows, of one version; after that it is up to date. */
  load<T>(work: (fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>) => Promise<T>): Promise<T>;
  /** Takes in an answer that was fetched in another way. */
  note(response: Response, options?: { write?: boolean }): void;
  /** Says that the page shows a version, for pages that load in another way. */
  shows(version: number): void;
  /** Forgets everything, for another user. */
  reset(): void;
  /** Listens; again is harmless. */
  start(): void;
  /** Stops listening; `fetch` still works. */
  close(): void;
  addEventListener(type: 'change', listener: (event: CustomEvent<SatchelStatus>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: 'newer', listener: (event: CustomEvent<NewerVersion>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}
