/** Calls of which the capture has one side alone: how they ended is not known, and so shows nothing. */
import { describe, expect, it } from 'vitest';
import { Script, TERMINATE_CAUSE, type TimedFrame } from '../../../samples/craft/index.ts';
import { verdictOf } from '../../../test/one-verdict.ts';
import { Accounting } from './scenarios/accounting.ts';
import { isFromCallers } from './scenarios/links.ts';
import { leak } from './scenarios/positives.ts';
import { Ras } from './scenarios/ras.ts';

const isGre = ({ bytes }: TimedFrame): boolean => bytes[12] === 8 && bytes[23] === 47;

function without(script: Script, isLost: (frame: TimedFrame) => boolean): Script {
  const frames = script.timeline().filter((frame) => !isLost(frame));
  expect(frames.length).toBeLessThan(script.timeline().length);
  return Script.recorded(script.interfaces, frames);
}

/** The first call that starts after so many seconds, by the address of its caller. */
function callerAfter(script: Script, seconds: number): string {
  const earlier = new Set<string>();
  for (const frame of script.timeline()) {
    if (!isGre(frame) || !isFromCallers(frame)) continue;
    const caller = frame.bytes.subarray(26, 30).join('.');
    if (frame.nanos > seconds * 1e9 && !earlier.has(caller)) return caller;
    earlier.add(caller);
  }
  throw new Error('nobody calls');
}

/** Without what the caller sends inside his calls, up to a second. */
function deafTo(script: Script, caller: string, until = Number.POSITIVE_INFINITY): Script {
  return without(
    script,
    (frame) =>
      isGre(frame) &&
      isFromCallers(frame) &&
      frame.nanos < until * 1e9 &&
      frame.bytes.subarray(26, 30).join('.') === caller,
  );
}

/** Three callers of whom one hangs up; the others make room for new ones at the end. */
function ras(inBetween: (server: Ras) => void): Script {
  const server = new Ras({ modems: 8 }).gets(2, 'u1', '.11').gets(5, 'u2', '.12').gets(9, 'u3', '.13');
  inBetween(server);
  return server.hangsUp(80, 'u2').gets(85, 'v2', '.12').hangsUp(95, 'u3').gets(100, 'v3', '.13').end(130);
}

describe('a call that fails of which only the server is heard', () => {
  it('is no second caller who is refused', async () => {
    const script = ras((server) => {
      server.hangsUp(30, 'u1').isRefused(45, 's1', 'lcpTerminate').isRefused(60, 's1', 'lcpTerminate');
      server.fails(70, 'e1', 'encryption');
    });
    for (const heard of [script, deafTo(script, callerAfter(script, 68))])
      expect(await verdictOf('Q159309', heard)).toMatchObject({ verdict: 'clear' });
  });

  it('does not part a refusal from the address that is given after it', async () => {
    const script = ras((server) => {
      server.gets(12, 'u9', '.14').hangsUp(30, 'u1').hangsUp(35, 'u9');
      server.isRefused(45, 's1', 'lcpTerminate').isRefused(60, 's2', 'lcpTerminate');
      server.fails(63, 'e1', 'encryption');
      server.gets(66, 'x9', '.14');
    });
    expect(await verdictOf('Q159309', deafTo(script, callerAfter(script, 62)))).toMatchObject({
      verdict: 'clear',
    });
  });

  it('takes nothing from refusals of that caller', async () => {
    const server = new Ras({ modems: 8 }).gets(2, 'u1', '.11').gets(5, 'u2', '.12');
    server.fails(7, 'u4', 'encryption');
    server.gets(12, 'u3', '.13').hangsUp(30, 'u1');
    server.isRefused(45, 'u4', 'lcpTerminate').isRefused(60, 'u5', 'lcpTerminate');
    server.hangsUp(80, 'u2').gets(85, 'v2', '.12').hangsUp(95, 'u3').gets(100, 'v3', '.13');
    const script = server.end(130);
    const early = deafTo(script, callerAfter(script, 6), 20);
    for (const heard of [script, early])
      expect(await verdictOf('Q159309', heard)).toMatchObject({ verdict: 'found' });
  });

  it('leaves a server undecided', async () => {
    const server = leak({ refusals: [] });
    server.fails(105, 'z1', 'encryption');
    server.fails(116, 'z2', 'encryption');
    const script = without(server.end(130), isFromCallers);
    expect(await verdictOf('Q159309', script)).toMatchObject({
      verdict: 'inconclusive',
      observed: { undecided: { oneDirection: 1 } },
    });
  });
});

it('a caller who asks in vain for the lost address may have got it, if the server is not heard', async () => {
  const server = leak({ refusals: ['ipcpTerminate', 'ipcpTerminate'] });
  const call = server.dials(109, 'u7', { line: 0 });
  call.opensNetwork(109.4);
  for (const at of [109.6, 109.7]) call.asks(at);
  call.keeps(109.9, '10.0.0.11');
  for (let at = 112; at < 130; at += 5) call.echoes(at, true);
  call.terminates(132, 'caller');
  call.link.close(132.1, 'caller');
  const script = server.end(140);
  const caller = callerAfter(script, 109);
  const heard = without(
    script,
    (frame) => isGre(frame) && !isFromCallers(frame) && frame.bytes.subarray(30, 34).join('.') === caller,
  );
  expect(await verdictOf('Q159309', heard)).toMatchObject({ verdict: 'clear' });
});

it('that its pool is empty a server tells by itself', async () => {
  const script = leak({ refusals: [] })
    .isRefused(45, 'u4', 'lcpTerminate', { code: 717 })
    .isRefused(60, 'u5', 'lcpTerminate', { code: 717 })
    .end(130);
  const { findings } = await verdictOf('Q159309', without(script, isFromCallers));
  expect(findings.map(({ tier }) => tier)).toEqual(['definitive']);
});

describe('accounting of calls of which one side was captured', () => {
  const server = leak({ refusals: [] });
  new Accounting(server.script)
    .starts(1.9, 'u1', '.11')
    .starts(5.9, 'u2', '.12')
    .starts(9.9, 'u3', '.13')
    .stops(30.1, 'u1', '.11', { seconds: 28 })
    .cutsShort(45, 'u4', TERMINATE_CAUSE.nasError)
    .cutsShort(60, 'u5', TERMINATE_CAUSE.nasError)
    .stops(80.1, 'u2', '.12', { seconds: 74 })
    .starts(85.1, 'u4', '.12')
    .stops(95.1, 'u3', '.13', { seconds: 85 })
    .starts(100.1, 'u5', '.13');
  const script = server.end(140);

  it.each([
    ["the callers'", (frame: TimedFrame) => isGre(frame) && !isFromCallers(frame)],
    ["the server's", (frame: TimedFrame) => isGre(frame) && isFromCallers(frame)],
  ])('%s: stands for itself', async (_side, isLost) => {
    const { verdict, findings } = await verdictOf('Q159309', without(script, isLost));
    expect(verdict).toBe('suspected');
    expect(findings[0]?.summary).toBe('accounting');
  });
});
