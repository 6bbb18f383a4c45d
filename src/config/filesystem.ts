/**
 * The few questions a check asks the machine, behind one small interface so that tests can answer them.
 * Answers are facts about a path; what follows from them is decided elsewhere.
 */
import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';

/** What stands at a path, links followed. `unreachable`: a folder on the way may not be entered, or an error. */
export type PathKind = 'file' | 'folder' | 'other' | 'missing' | 'unreachable';

export interface Filesystem {
  stat(path: string): PathKind;
  /** Whether this user may run the file, or enter the folder. */
  access(path: string): boolean;
  /** Whether the name (or numeric id) is that of the user supervise runs as. */
  isCurrentUser(user: string): boolean;
  /** The name of that user, for messages. */
  currentUser(): string;
}

/** The machine itself. */
export const realFilesystem: Filesystem = {
  stat(path) {
    try {
      const stats = statSync(path);
      if (stats.isFile()) return 'file';
      return stats.isDirectory() ? 'folder' : 'other';
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreachable';
    }
  },
  access(path) {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  isCurrentUser(user) {
    return user === realFilesystem.currentUser() || user === String(process.getuid?.());
  },
  currentUser() {
    try {
      return os.userInfo().username;
    } catch {
      // No entry in the user database, as in a container started with a bare number.
      return String(process.getuid?.());
    }
  },
};

/** Asks each question once: ten thousand jobs share a handful of programs and folders. */
export function rememberAnswers(filesystem: Filesystem): Filesystem {
  const kinds = new Map<string, PathKind>();
  const accesses = new Map<string, boolean>();
  return {
    stat: (path) => remember(kinds, path, () => filesystem.stat(path)),
    access: (path) => remember(accesses, path, () => filesystem.access(path)),
    isCurrentUser: (user) => filesystem.isCurrentUser(user),
    currentUser: () => filesystem.currentUser(),
  };
}

function remember<Answer>(answers: Map<string, Answer>, path: string, ask: () => Answer): Answer {
  const known = answers.get(path);
  if (known !== undefined) return known;
  const answer = ask();
  answers.set(path, answer);
  return answer;
}
