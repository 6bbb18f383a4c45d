/** The log files of all jobs, and those who follow them live. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type LogFile, type LogOptions, type LogStream, openLogFile } from './os/log-file.ts';

export type LineListener = (job: string, stream: LogStream, wallMs: number, lines: readonly Buffer[]) => void;

export interface LogHub {
  /** The log file of a job, opened at its first run. */
  readonly fileOf: (job: string, options: LogOptions) => LogFile;
  readonly linesOf: (job: string) => (stream: LogStream, wallMs: number, lines: readonly Buffer[]) => void;
  readonly pathOf: (job: string) => string;
  /** Bytes of whole lines that its runs wrote, those dropped included. */
  readonly writtenBytes: (job: string) => number;
  readonly droppedBytes: (job: string) => number;
  /** The job is no more: its file is closed, and stays. */
  readonly forget: (job: string) => void;
  readonly subscribe: (listener: LineListener) => () => void;
  readonly close: () => void;
}

export function createLogHub(folder: string): LogHub {
  const files = new Map<string, LogFile>();
  const listeners = new Set<LineListener>();
  const written = new Map<string, number>();
  const pathOf = (job: string): string => join(folder, `${job}.log`);
  return {
    fileOf: (job, options) => {
      const known = files.get(job);
      // One file object a job: a run that is ending may still write while its successor does.
      known?.configure(options);
      if (known !== undefined) return known;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = openLogFile(pathOf(job), options);
      files.set(job, file);
      return file;
    },
    linesOf: (job) => (stream, wallMs, lines) => {
      const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
      written.set(job, (written.get(job) ?? 0) + bytes);
      for (const listener of listeners) listener(job, stream, wallMs, lines);
    },
    pathOf,
    writtenBytes: (job) => written.get(job) ?? 0,
    droppedBytes: (job) => files.get(job)?.droppedBytes() ?? 0,
    forget: (job) => {
      files.get(job)?.close();
      files.delete(job);
      written.delete(job);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      for (const file of files.values()) file.close();
    },
  };
}
