/** The numbers of the rule that decide about refusals and releases, each just below, at and above. */
import type { Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';
import type { Refusal } from './call.ts';
import { DEFINITIVE, SILENT, STRONG, SUGGESTIVE_AT_MOST, threshold } from './expectations.ts';
import { lanThresholds } from './lan-view.ts';
import { leak, leaked } from './positives.ts';
import { Ras } from './ras.ts';
import type { Ending } from './ras.ts';
import { skipThresholds } from './skips.ts';

interface OneRefusalFields {
  readonly ending?: Ending;
  readonly refusedAt: number;
  readonly how?: Refusal;
  readonly requests?: number;
  /** LCP echoes on the lost line that nobody answers. */
  readonly echoTimes?: readonly number[];
}

/** P5 with its numbers free: u1 is gone at 30 s, u4 is refused, and served at 85 s. */
function oneRefusal(fields: OneRefusalFields): Script {
  const { refusedAt, ending, echoTimes, how = 'ipcpTerminate', requests = 3 } = fields;
  const ras = leak({
    refusals: [],
    reassigns: false,
    ...(ending ? { ending } : {}),
    ...(echoTimes ? { echoTimes } : {}),
  });
  const served = Math.max(80, refusedAt + 20);
  ras.isRefused(refusedAt, 'u4', how, { requests, mark: 'refusal-1' });
  return ras
    .hangsUp(served, 'u2')
    .gets(served + 5, 'u4', '.12')
    .end(served + 40);
}

/** Refusals at 45, 60 and so on of users who are never served, u7 and up; `users` of them in turn. */
function neverServed(users: number, refusals: number): Script {
  const ras = leak({ refusals: [], reassigns: false });
  for (let refusal = 0; refusal < refusals; refusal += 1) {
    ras.isRefused(45 + refusal * 12, `u${7 + (refusal % users)}`, 'ipcpTerminate');
  }
  return ras.hangsUp(90, 'u2').gets(95, 'u20', '.12').hangsUp(105, 'u3').gets(110, 'u21', '.13').end(130);
}

/** One refusal with code 717; the calls are on so many modem lines. */
function onLines(lines: number): Script {
  const ras = new Ras({ transport: 'serial', modems: lines, withLan: true, talkSeconds: 2 });
  for (let call = 0; call < 4; call += 1) {
    const line = call % lines;
    const at = 3 + call * 12;
    ras.gets(at, `u${call + 1}`, `.${11 + call}`, { line });
    ras.hangsUp(at + 9, `u${call + 1}`);
  }
  return ras.isRefused(62, 'u9', 'lcpTerminate', { code: 717, line: 0 }).end(90);
}

function withEncoding(scenario: Scenario): Scenario {
  return { ...scenario, encoding: { container: 'pcapng' } };
}

/** With no counting refusal, .12 and .13 given again before .11 may look like a round that passed it over. */
const SKIP_AT_MOST: Expectation = SUGGESTIVE_AT_MOST;
const UNACKED: Ending = { how: 'request' };
const GONE: Ending = { how: 'vanish' };
const THRICE: readonly Refusal[] = ['ipcpTerminate', 'ipcpTerminate', 'ipcpTerminate'];

export const thresholds: readonly Scenario[] = [
  threshold('refusals', '1 below', STRONG, () => leaked({ refusals: THRICE.slice(0, 1) })),
  threshold('refusals', '2 at', DEFINITIVE, () => leaked({ refusals: THRICE.slice(0, 2) })),
  threshold('refusals', '3 above', DEFINITIVE, () => leaked({ refusals: THRICE })),
  threshold('refusedIdentities', '1 below', SKIP_AT_MOST, () => neverServed(1, 3)),
  threshold('refusedIdentities', '2 at', DEFINITIVE, () => neverServed(2, 2)),
  threshold('refusedIdentities', '3 above', DEFINITIVE, () => neverServed(3, 3)),
  threshold('releaseSettleSeconds', '4.9 s below', SKIP_AT_MOST, () => oneRefusal({ refusedAt: 34.9 })),
  threshold('releaseSettleSeconds', '5 s at', STRONG, () => oneRefusal({ refusedAt: 35 })),
  threshold('releaseSettleSeconds', '5.1 s above', STRONG, () => oneRefusal({ refusedAt: 35.1 })),
  // Released three seconds after the request; the refusal settles five seconds later.
  threshold('terminateSeconds', '2.9 s below', SKIP_AT_MOST, () =>
    oneRefusal({ ending: UNACKED, refusedAt: 37.9 }),
  ),
  threshold('terminateSeconds', '3 s at', STRONG, () => oneRefusal({ ending: UNACKED, refusedAt: 38 })),
  threshold('terminateSeconds', '3.1 s above', STRONG, () =>
    oneRefusal({ ending: UNACKED, refusedAt: 38.1 }),
  ),
  threshold('echoMisses', '2 below', SILENT, () =>
    oneRefusal({ ending: GONE, refusedAt: 55, echoTimes: [33, 37] }),
  ),
  threshold('echoMisses', '3 at', STRONG, () =>
    oneRefusal({ ending: GONE, refusedAt: 55, echoTimes: [33, 37, 41] }),
  ),
  threshold('echoMisses', '4 above', STRONG, () =>
    oneRefusal({ ending: GONE, refusedAt: 55, echoTimes: [33, 37, 41, 45] }),
  ),
  // Silence proves nothing, however long.
  ...[119, 120, 121].map((seconds) =>
    threshold('softReleaseSeconds', `${seconds} s`, SILENT, () =>
      oneRefusal({ ending: GONE, refusedAt: 30 + seconds + 5 }),
    ),
  ),
  threshold('ipcpRequests', '2 below', SKIP_AT_MOST, () =>
    oneRefusal({ refusedAt: 55, how: 'silence', requests: 2 }),
  ),
  threshold('ipcpRequests', '3 at', STRONG, () => oneRefusal({ refusedAt: 55, how: 'silence' })),
  threshold('ipcpRequests', '4 above', STRONG, () =>
    oneRefusal({ refusedAt: 58, how: 'silence', requests: 4 }),
  ),
  withEncoding(threshold('serverLinks', '1 below', SILENT, () => onLines(1))),
  withEncoding(threshold('serverLinks', '2 at', STRONG, () => onLines(2))),
  withEncoding(threshold('serverLinks', '3 above', STRONG, () => onLines(3))),
  ...skipThresholds,
  ...lanThresholds,
];
