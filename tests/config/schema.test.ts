/**
 * The JSON Schema for editors: complete, described, and of one mind with the check.
 */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { jobsFileSchema } from '../../src/config/schema.ts';
import { resolved } from './machine.ts';

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

const schema = jobsFileSchema() as Schema;

/** Every key with its path, whatever alternatives lead there. */
function keysOf(node: Schema, path: readonly string[]): [path: readonly string[], node: Schema][] {
  const inner =
    typeof node.additionalProperties === 'object' ? keysOf(node.additionalProperties, [...path, 'a']) : [];
  const alternatives = (node.anyOf ?? []).flatMap((one) => keysOf(one, path));
  const own = Object.entries(node.properties ?? {}).flatMap(([key, value]) => [
    [[...path, key], value] as [readonly string[], Schema],
    ...keysOf(value, [...path, key]),
  ]);
  return [...own, ...inner, ...alternatives];
}

test('every key has a description', () => {
  const keys = keysOf(schema, []);
  expect(keys.length).toBeGreaterThan(100);
  expect(keys.filter(([, node]) => node.description === undefined).map(([path]) => path.join('.'))).toEqual(
    [],
  );
});

test('durations and sizes have examples', () => {
  const keys = keysOf(schema, ['']).filter(([path]) =>
    /^(quantum|grace|max|data|maxSize|sample|aging)$/.test(path.at(-1) ?? ''),
  );
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter(([, node]) => node.examples === undefined).map(([path]) => path.join('.'))).toEqual([]);
});

test('the defaults it shows are those that hold', () => {
  const plain = resolved('{"jobs":{"a":{"command":"node x"}}}');
  const withDefault = keysOf(schema, []).filter(
    ([path, node]) => node.default !== undefined && path[0] !== 'bulkheads',
  );
  expect(withDefault.length).toBeGreaterThan(30);
  for (const [path, node] of withDefault) {
    let value = node.default;
    for (const key of [...path].reverse()) value = { [key]: value };
    const file = { ...(value as object) } as { jobs?: { a?: object } };
    const text = JSON.stringify({ ...file, jobs: { a: { command: 'node x', ...file.jobs?.a } } });
    expect(resolved(text), text).toEqual(plain);
  }
});

test.each([
  ['{"jobs":{"a":{"command":"node x"}}}', true],
  ['{"jobs":{"a":{"command":["node"],"memory":"200MB","restart":"never","stop":{"grace":100}}}}', true],
  [
    '{"schedule":{"aging":"off"},"jobs":{"a":{"command":"x","restart":{"intensity":{"restarts":"unlimited"}}}}}',
    true,
  ],
  ['{}', false],
  ['{"jobs":{"a":{}}}', false],
  ['{"jobs":{"a b":{"command":"x"}}}', false],
  ['{"jobs":{"a":{"command":"x","memory":"200"}}}', false],
  ['{"jobs":{"a":{"command":"x","stop":{"grace":"5 s"}}}}', false],
  ['{"jobs":{"a":{"command":"x","x":1}}}', false],
  ['{"defaults":{"command":"x"},"jobs":{"a":{"command":"x"}}}', false],
  ['{"schedule":{"policy":"fair"},"jobs":{"a":{"command":"x"}}}', false],
])('an editor says of %s: %j', (text, valid) => {
  const validator = z.fromJSONSchema(jobsFileSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  expect(validator.safeParse(JSON.parse(text)).success).toBe(valid);
});
