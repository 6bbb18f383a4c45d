/**
 * The JSON Schema of a jobs file, for editors. It is made from the definitions that check the file, so the two
 * can't drift apart; what only a program can check (cycles, paths) an editor will not see.
 */
import * as z from 'zod';
import { fileSchema } from './shapes.ts';

/** Draft 7, which every editor understands. */
export function jobsFileSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    // Of values that are transformed zod leaves these out, not knowing that ours are in the notation of the file.
    override: ({ zodSchema, jsonSchema }) => {
      const notes = z.globalRegistry.get(zodSchema);
      if (notes?.examples !== undefined) jsonSchema.examples = notes.examples as unknown[];
      if (notes?.default !== undefined) jsonSchema.default = notes.default;
    },
  });
  // zod adds a validator of its own, which is no part of the document.
  return JSON.parse(JSON.stringify(schema));
}
