/**
 * Waiting for a state of the supervisor without polling it: the event stream says when to look again. It prints
 * nothing and decides nothing about jobs.
 */
import type { SuperviseClient } from '../client/client.ts';
import type { Status } from '../wire/api.ts';
import { SuperviseError } from '../wire/errors.ts';
import { sleep, wallMs } from './clock.ts';

export interface Awaited {
  readonly client: SuperviseClient;
  readonly isThere: (status: Status) => boolean;
  /** Null: as long as it takes. */
  readonly withinMs: number | null;
  /** Aborted when nobody waits for the outcome any more. */
  readonly signal?: AbortSignal;
}

export interface Outcome {
  readonly status: Status;
  readonly timedOut: boolean;
}

/** An event may slip through between two connections; nothing waits longer than this for the next look. */
const LOOK_AGAIN_MS = 1000;

/** The first status for which the condition holds, or the last one when time is over. */
export async function untilStatus({ client, isThere, withinMs, signal }: Awaited): Promise<Outcome> {
  const end = new AbortController();
  const startedMs = wallMs();
  const abandon = () => end.abort();
  signal?.addEventListener('abort', abandon, { once: true });
  const news = newsOf(client, end.signal);
  try {
    for (;;) {
      news.look();
      const status = await client.status();
      if (isThere(status) || end.signal.aborted) return { status, timedOut: false };
      const leftMs = withinMs === null ? LOOK_AGAIN_MS : startedMs + withinMs - wallMs();
      if (leftMs <= 0) return { status, timedOut: true };
      await news.next(Math.min(leftMs, LOOK_AGAIN_MS));
    }
  } finally {
    signal?.removeEventListener('abort', abandon);
    end.abort();
    await news.ended;
  }
}

interface News {
  /** From here on, `next` waits for something new. */
  look(): void;
  /** Resolves at once when something happened since the last look. */
  next(withinMs: number): Promise<void>;
  readonly ended: Promise<void>;
}

function newsOf(client: SuperviseClient, signal: AbortSignal): News {
  let fresh = new AbortController();
  signal.addEventListener('abort', () => fresh.abort(), { once: true });
  const read = async () => {
    for await (const _event of client.events({ follow: true, signal })) fresh.abort();
  };
  return {
    look: () => {
      if (!signal.aborted) fresh = new AbortController();
    },
    next: (withinMs) => sleep(withinMs, fresh.signal),
    ended: read().catch((error: unknown) => {
      // Without the stream the looks once a second remain; a lost daemon shows itself there.
      if (!(error instanceof SuperviseError)) throw error;
    }),
  };
}
