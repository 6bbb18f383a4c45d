import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { Frame } from '../../src/core/relay/types.ts';
import { createFrameParser, FRAME_REFUSALS, type FrameParser } from '../../src/daemon/os/frames.ts';

interface Heard {
  readonly parser: FrameParser;
  readonly frames: Frame[];
  readonly refused: string[];
}

function listen(): Heard {
  const frames: Frame[] = [];
  const refused: string[] = [];
  const parser = createFrameParser({
    onFrame: (frame) => frames.push(frame),
    onRefused: (code, message) => {
      expect(message.startsWith(FRAME_REFUSALS[code])).toBe(true);
      refused.push(code);
    },
  });
  return { parser, frames, refused };
}

function parse(text: string | Buffer): { frames: Frame[]; refused: string[] } {
  const { parser, frames, refused } = listen();
  parser.push(Buffer.from(text));
  return { frames, refused };
}

function message(to: string, body: string, more: Partial<Extract<Frame, { kind: 'message' }>> = {}): Frame {
  return { kind: 'message', to, body, id: null, inReplyTo: null, ...more };
}

/** A frame nested this deep, the frame itself counted. */
function nested(depth: number): string {
  return `{"to":"b","body":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}\n`;
}

describe('frames that are understood', () => {
  const cases: readonly (readonly [string, Frame])[] = [
    ['{"to":"b","body":1}', message('b', '1')],
    ['{"type":"message","to":"b","body":1}', message('b', '1')],
    ['{"to":"b"}', message('b', 'null')],
    [
      '{"to":"b","body":{"a":[1,"}",{"body":2}]},"id":"1"}',
      message('b', '{"a":[1,"}",{"body":2}]}', { id: '1' }),
    ],
    ['{"body":"body","to":"b","id":null,"inReplyTo":"x"}', message('b', '"body"', { inReplyTo: 'x' })],
    ['{"to":"body","body":"to"}', message('body', '"to"')],
    ['{"to":"b","body":"a\\"b\\\\"}', message('b', '"a\\"b\\\\"')],
    ['{"to":"b","\\u0062ody":[1]}', message('b', '[1]')],
    ['{"to":"b","body":1,"body":2}', message('b', '2')],
    ['{"to":"b","nested":{"body":3}}', message('b', 'null')],
    ['{"to":"b","body":{"__proto__":{"x":1}}}', message('b', '{"__proto__":{"x":1}}')],
    ['{"__proto__":{"to":"x"},"to":"__proto__","body":0}', message('__proto__', '0')],
    ['{"constructor":1,"to":"constructor","body":0}', message('constructor', '0')],
    ['{"to":"*","body":"é€😀"}', message('*', '"é€😀"')],
    ['{"type":"publish","topic":"t","body":[]}', { kind: 'publish', topic: 't', body: '[]', id: null }],
    ['{"type":"publish","topic":"t","id":"9"}', { kind: 'publish', topic: 't', body: 'null', id: '9' }],
    ['{"type":"subscribe","topic":"__proto__"}', { kind: 'subscribe', topic: '__proto__' }],
    ['{"type":"unsubscribe","topic":"t"}', { kind: 'unsubscribe', topic: 't' }],
    ['{"type":"ready"}', { kind: 'ready' }],
    ['{"type":"heartbeat","extra":1}', { kind: 'heartbeat' }],
    ['{"type":"yield"}', { kind: 'yield' }],
    ['{"type":"progress","value":3}', { kind: 'progress', value: 3, total: null }],
    ['{"type":"progress","value":3,"total":10}', { kind: 'progress', value: 3, total: 10 }],
    ['{"type":"hello","acknowledges":true}', { kind: 'hello', acknowledges: true }],
    ['{"type":"acknowledge","delivery":17}', { kind: 'acknowledge', delivery: 17 }],
  ];
  it.each(cases)('%s', (line, frame) => {
    expect(parse(`${line}\n`)).toEqual({ frames: [frame], refused: [] });
  });

  it('leaves numbers and spelling of a body as they are', () => {
    const body = '{"big":12345678901234567890,"huge":1e999,"zero":-0,"text":"\\u00e9",  "spaced" : true}';
    expect(parse(`{"to":"b","body": ${body} }\n`).frames).toEqual([message('b', body)]);
  });

  it('turns a carriage return inside a body into a space, so that no reader sees a line begin there', () => {
    expect(parse('{"to":"b","body":[1,\r{"from":"forged"}\r]}\n').frames).toEqual([
      message('b', '[1, {"from":"forged"} ]'),
    ]);
  });

  it('tolerates \\r\\n and ignores empty lines', () => {
    expect(parse('\n\r\n{"type":"ready"}\r\n\n{"type":"yield"}\n')).toEqual({
      frames: [{ kind: 'ready' }, { kind: 'yield' }],
      refused: [],
    });
  });

  it('reports no line before its newline came', () => {
    const { parser, frames } = listen();
    parser.push(Buffer.from('{"type":"ready"}'));
    expect(frames).toEqual([]);
    parser.push(Buffer.from('\n'));
    expect(frames).toEqual([{ kind: 'ready' }]);
  });
});

describe('frames that are refused', () => {
  const long = 'x'.repeat(257);
  const cases: readonly (readonly [string, string])[] = [
    ['hello', 'SUPERVISE_FRAME_NOT_JSON'],
    ['{"to":"b","body":}', 'SUPERVISE_FRAME_NOT_JSON'],
    ['{"to":"b"} {"to":"c"}', 'SUPERVISE_FRAME_NOT_JSON'],
    ['\ufeff{"to":"b"}', 'SUPERVISE_FRAME_NOT_JSON'],
    ['{"to":"b","body":"', 'SUPERVISE_FRAME_NOT_JSON'],
    [']]]]}}}}', 'SUPERVISE_FRAME_NOT_JSON'],
    ['"text"', 'SUPERVISE_FRAME_NOT_AN_OBJECT'],
    ['["body"]', 'SUPERVISE_FRAME_NOT_AN_OBJECT'],
    ['null', 'SUPERVISE_FRAME_NOT_AN_OBJECT'],
    ['{"cmd":"NODE_HANDLE_ACK"}', 'SUPERVISE_FRAME_NODE_INTERNAL'],
    ['{"cmd":"NODE_HANDLE","type":"net.Socket"}', 'SUPERVISE_FRAME_NODE_INTERNAL'],
    ['{}', 'SUPERVISE_FRAME_WITHOUT_TARGET'],
    ['{"body":1}', 'SUPERVISE_FRAME_WITHOUT_TARGET'],
    ['{"__proto__":{"to":"b"}}', 'SUPERVISE_FRAME_WITHOUT_TARGET'],
    ['{"type":"launch","to":"b"}', 'SUPERVISE_FRAME_UNKNOWN_TYPE'],
    ['{"type":"constructor"}', 'SUPERVISE_FRAME_UNKNOWN_TYPE'],
    ['{"type":null,"to":"b"}', 'SUPERVISE_FRAME_UNKNOWN_TYPE'],
    ['{"type":"message"}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"to":7}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"to":"b","id":7}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"to":"b","inReplyTo":{}}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"type":"publish","body":1}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"type":"progress","value":"3"}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"type":"progress","value":1e999}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"type":"progress","value":1,"total":"x"}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"type":"hello"}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    ['{"type":"acknowledge","delivery":1.5}', 'SUPERVISE_FRAME_WRONG_FIELD'],
    [`{"to":"${long}"}`, 'SUPERVISE_FRAME_ADDRESS_TOO_LONG'],
    [`{"to":"b","id":"${long}"}`, 'SUPERVISE_FRAME_ID_TOO_LONG'],
    [`{"to":"b","inReplyTo":"${long}"}`, 'SUPERVISE_FRAME_ID_TOO_LONG'],
    [`{"type":"publish","topic":"t","id":"${long}"}`, 'SUPERVISE_FRAME_ID_TOO_LONG'],
    [`{"type":"subscribe","topic":"${long}"}`, 'SUPERVISE_FRAME_TOPIC_TOO_LONG'],
  ];
  it.each(cases)('%s', (line, code) => {
    expect(parse(`${line}\n{"type":"ready"}\n`)).toEqual({ frames: [{ kind: 'ready' }], refused: [code] });
  });

  it('invalid UTF-8', () => {
    const line = Buffer.concat([Buffer.from('{"to":"b","body":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    expect(parse(line)).toEqual({ frames: [], refused: ['SUPERVISE_FRAME_NOT_UTF8'] });
  });

  it('more levels than allowed, and not one fewer', () => {
    expect(parse(nested(LIMITS.frameMaxDepth)).refused).toEqual([]);
    expect(parse(nested(LIMITS.frameMaxDepth + 1)).refused).toEqual(['SUPERVISE_FRAME_TOO_DEEP']);
    expect(parse(`${'['.repeat(200_000)}\n`).refused).toEqual(['SUPERVISE_FRAME_TOO_DEEP']);
  });

  it('brackets in strings are no levels', () => {
    expect(parse(`{"to":"b","body":"${'['.repeat(1000)}\\"${'{'.repeat(1000)}"}\n`).refused).toEqual([]);
  });
});

describe('the longest line', () => {
  const frame = (bytes: number): string => `{"to":"b","body":"${'x'.repeat(bytes - 20)}"}`;

  it.each([
    ['in one chunk', Number.MAX_SAFE_INTEGER],
    ['in chunks of 64 KiB', 65_536],
    ['in chunks of 1000 bytes', 1000],
  ])('is read, and one byte more refused once, %s', (_title, size) => {
    const { parser, frames, refused } = listen();
    const text = Buffer.from(
      `${frame(LIMITS.frameMaxBytes)}\r\n${frame(LIMITS.frameMaxBytes + 1)}\n{"type":"ready"}\n`,
    );
    for (let at = 0; at < text.length; at += size) parser.push(text.subarray(at, at + size));
    expect(frames.map((each) => each.kind)).toEqual(['message', 'ready']);
    expect(refused).toEqual(['SUPERVISE_FRAME_TOO_LARGE']);
  });

  it('is all that is kept of a gigabyte without a newline', () => {
    const { parser, frames, refused } = listen();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 1024; count += 1) parser.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
    parser.push(Buffer.from('\n{"type":"ready"}\n'));
    expect(refused).toEqual(['SUPERVISE_FRAME_TOO_LARGE']);
    expect(frames).toEqual([{ kind: 'ready' }]);
  });

  it('costs about its own size when it comes byte by byte', () => {
    const { parser, frames } = listen();
    const text = Buffer.from(`${frame(100_000)}\n`);
    for (let at = 0; at < text.length; at += 1) parser.push(text.subarray(at, at + 1));
    expect(frames).toHaveLength(1);
  });
});

describe('splits', () => {
  it('at every byte give the same frames', () => {
    const text = Buffer.from(
      '{"to":"b","body":"é😀\\"}","id":"1"}\r\n\nrubbish\n{"type":"progress","value":1}\n{"to":"c","body":{"x":[1,2]}}\n',
    );
    const whole = parse(text);
    expect(whole.frames).toHaveLength(3);
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const heard = listen();
        heard.parser.push(text.subarray(0, first));
        heard.parser.push(text.subarray(first, second));
        heard.parser.push(text.subarray(second));
        expect(heard.frames).toEqual(whole.frames);
        expect(heard.refused).toEqual(whole.refused);
      }
    }
  });
});

describe('pausing', () => {
  it('inside a frame keeps the rest of the chunk until resumed', () => {
    const seen: string[] = [];
    const parser = createFrameParser({
      onFrame: (frame) => {
        seen.push(frame.kind);
        parser.pause();
      },
      onRefused: (code) => {
        seen.push(code);
        parser.pause();
      },
    });
    parser.push(Buffer.from('{"type":"ready"}\nrubbish\n{"type":"yield"}\n{"type":"heart'));
    expect(seen).toEqual(['ready']);
    expect(parser.hasKept()).toBe(true);
    parser.push(Buffer.from('beat"}\n'));
    parser.resume();
    expect(seen).toEqual(['ready', 'SUPERVISE_FRAME_NOT_JSON']);
    parser.resume();
    parser.resume();
    expect(seen).toEqual(['ready', 'SUPERVISE_FRAME_NOT_JSON', 'yield', 'heartbeat']);
    expect(parser.hasKept()).toBe(false);
  });

  it('and resuming inside a frame just goes on', () => {
    const seen: string[] = [];
    const parser = createFrameParser({
      onFrame: (frame) => {
        seen.push(frame.kind);
        parser.pause();
        parser.resume();
      },
      onRefused: () => {},
    });
    parser.push(Buffer.from('{"type":"ready"}\n{"type":"yield"}\n'));
    expect(seen).toEqual(['ready', 'yield']);
  });

  it('goes on after an error in a listener', () => {
    let fails = true;
    const seen: string[] = [];
    const parser = createFrameParser({
      onFrame: (frame) => {
        if (fails) throw new Error('once');
        seen.push(frame.kind);
      },
      onRefused: () => {},
    });
    expect(() => parser.push(Buffer.from('{"type":"ready"}\n{"type":"yield"}\n'))).toThrow('once');
    fails = false;
    parser.resume();
    expect(seen).toEqual(['yield']);
  });
});

describe('garbage', () => {
  /** A small generator, so that a failure repeats. */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  it('in 100 000 lines never throws, and every line is a frame or a refusal', () => {
    const next = random(42);
    const { parser, frames, refused } = listen();
    const good = '{"to":"b","body":{"n":[1,2,{"t":"x\\"y"}]},"id":"7"}';
    let lines = 0;
    for (let count = 0; count < 100_000; count += 1) {
      const line = Buffer.from(good);
      const flips = Math.floor(next() * 3);
      for (let flip = 0; flip < flips; flip += 1)
        line[Math.floor(next() * line.length)] = Math.floor(next() * 256);
      // A flip may have made a line end, or an empty line.
      const text = Buffer.concat([line, Buffer.from('\n')]);
      lines += text
        .toString('latin1')
        .split('\n')
        .filter((part) => part !== '' && part !== '\r').length;
      const at = Math.floor(next() * text.length);
      parser.push(text.subarray(0, at));
      parser.push(text.subarray(at));
    }
    expect(frames.length + refused.length).toBe(lines);
    expect(frames.length).toBeGreaterThan(33_000);
    for (const frame of frames) if (frame.kind === 'message') JSON.parse(frame.body);
  });

  it('of random bytes never throws', () => {
    const next = random(7);
    const { parser } = listen();
    const alphabet = Buffer.from('{}[]":,\\ntobdyepNODE_ 01\n\r\u0000é');
    for (let count = 0; count < 2000; count += 1) {
      const chunk = Buffer.alloc(Math.floor(next() * 200));
      for (let at = 0; at < chunk.length; at += 1)
        chunk[at] = alphabet[Math.floor(next() * alphabet.length)] ?? 0;
      parser.push(chunk);
    }
  });
});
