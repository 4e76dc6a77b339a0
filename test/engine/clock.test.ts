import { describe, expect, it } from 'vitest';
import { ENCODINGS, Host, Script, withClockStep } from '../../samples/craft/index.ts';
import type { TimedFrame } from '../../samples/craft/index.ts';
import { overused, run, verdictOf } from './run.ts';

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });

/** ARP requests at times in seconds, in this order. */
function at(times: ReadonlyArray<number | readonly [seconds: number, interfaceIndex: number]>): Script {
  const frames = times.map((time): TimedFrame => {
    const [seconds, index] = typeof time === 'number' ? [time, 0] : time;
    const nanos = Math.round(seconds * 1e9);
    return {
      nanos,
      bytes: A.arpRequest('10.0.0.1'),
      interface: index,
      vlans: [],
      mark: null,
      dropsBefore: 0,
      comment: null,
    };
  });
  return Script.recorded([{ name: 'a' }, { name: 'b' }], frames);
}

describe('clock epochs (rules 0.2)', () => {
  it.each([
    ['back 10 ms', [100, 99.99], 0],
    ['back 10 ms elsewhere', [1000.3, 1000.29], 0],
    ['back 10.1 ms', [100, 99.9899], 1],
    ['forward 3600 s', [100, 3700], 0],
    ['forward 3600.1 s', [100, 3700.1], 1],
    ['back and forward again', [100, 50, 100], 1],
    ['forth and back', [100, 5000, 100], 2],
    ['slowly back', [100, 99.995, 99.99, 99.985], 0],
  ])('%s', async (_name, times, epochs) => {
    const { health } = await run(at(times), { container: 'pcapng', decimals: 9 });
    expect(health.clockEpochs).toBe(epochs);
  });

  it('are those of one interface', async () => {
    const steady = at([
      [100, 0],
      [99, 1],
      [100.1, 0],
      [99.1, 1],
      [100.2, 0],
      [99.2, 1],
    ]);
    expect((await run(steady, ENCODINGS.pcapng)).health.clockEpochs).toBe(0);
    const stepped = at([
      [100, 0],
      [100, 1],
      [100.1, 0],
      [90, 1],
      [100.2, 0],
      [90.1, 1],
    ]);
    expect((await run(stepped, ENCODINGS.pcapng)).health.clockEpochs).toBe(1);
  });

  it('end every timer: no expiry is seen across a step', async () => {
    for (const step of [-60, 4000]) {
      const result = await run(withClockStep(overused(), 100, step));
      expect(result.health.clockEpochs).toBe(1);
      expect(result.findings.filter((finding) => finding.article === 'Q151387')).toEqual([]);
      expect(verdictOf(result, 'Q151387').observed.undecided['clockStep']).toBe(1);
    }
  });

  it('keep what lies on one side', async () => {
    const script = withClockStep(overused(), 300, -3000);
    expect(verdictOf(await run(script), 'Q151387').verdict).toBe('found');
  });

  it('names the beginning of a gap in whole microseconds, whatever the clock', async () => {
    const times = [...Array.from({ length: 30 }, (_, second) => second), 29.999_999_7, 80, 81];
    const { health } = await run(at(times), { container: 'pcap', decimals: 9 });
    expect(health.gaps.length).toBe(1);
    const [gap] = health.gaps;
    expect(gap?.from.nanos).toBe(0);
    expect((gap?.from.seconds ?? 0) % 60).toBe((981_173_106 + 30) % 60);
  });
});

describe('records without a time', () => {
  /** A little-endian pcapng of simple packet blocks. */
  function simplePackets(frames: readonly Uint8Array[]): Uint8Array {
    const words = (...values: readonly number[]): Buffer => {
      const bytes = Buffer.alloc(values.length * 4);
      for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
      return bytes;
    };
    const block = (type: number, ...body: readonly Uint8Array[]): Buffer => {
      const inside = Buffer.concat(body);
      const padded = Buffer.concat([inside, Buffer.alloc((4 - (inside.length % 4)) % 4)]);
      return Buffer.concat([words(type, padded.length + 12), padded, words(padded.length + 12)]);
    };
    return Buffer.concat([
      block(0x0a0d0d0a, words(0x1a2b3c4d, 1, 0xffffffff, 0xffffffff)),
      block(1, words(1, 0)),
      ...frames.map((frame) => block(3, words(frame.length), frame)),
    ]);
  }

  it('run no timer, and are no reason to call the capture clear', async () => {
    const { analyze } = await import('../../src/engine/analyze.ts');
    const { rules } = await import('../../rules/index.ts');
    const bytes = simplePackets(
      overused()
        .timeline()
        .map((frame) => frame.bytes),
    );
    const result = await analyze([{ bytes, path: 'simple.pcapng' }], { rules });
    expect(result.health.withoutTime).toBe(overused().timeline().length);
    expect(new Set(result.verdicts.map((verdict) => verdict.verdict))).toEqual(new Set(['inconclusive']));
    expect(result.captures[0]).toMatchObject({ firstTime: null, lastTime: null });
  });
});
