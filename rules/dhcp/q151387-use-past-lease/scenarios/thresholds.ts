/**
 * Each threshold of the rule just below, at and above, where it decides a tier. The REQUEST stands at a whole second (1 s),
 * so that expiry (121 s) and the end of the grace (131 s) do too. Where the specification names no reason for what is left
 * below a threshold, none is expected.
 */
import { DHCP_TYPE } from '../../../../samples/craft/index.ts';
import type { Scenario, Script } from '../../../../samples/craft/index.ts';
import {
  CLEAR,
  DEFINITIVE,
  DUPLICATE,
  RENEWALS_NOT_VISIBLE,
  STRONG,
  SUGGESTIVE,
  UNDECIDED,
  threshold,
} from './expectations.ts';
import { LEASED_2, Lan } from './lan.ts';
import { overuse, reassigned, unseen } from './overuse.ts';
import type { OveruseFields, Use } from './overuse.ts';
import { noAckThresholds, resumeThresholds, tapThresholds, tailThresholds } from './thresholds-more.ts';

/** P1 with the REQUEST at 1 s. */
function exact(fields: OveruseFields): Script {
  return overuse({ doraAt: 0.994, ...fields }).lan.script;
}

const ping = (at: number): Use => ({ at, arp: false });
const arp = (at: number): Use => ({ at, ping: false });
const pings = (...times: readonly number[]): Use[] => times.map(ping);

/** Uses with a given span, the first 19 s after expiry; three frames. */
const span = (seconds: number): Use[] => pings(19, 19 + seconds / 2, 19 + seconds);

const attempts: readonly Scenario[] = [
  threshold('attemptRequests', '1', SUGGESTIVE, () => exact({ renewals: [4], rebinds: [] })),
  threshold('attemptRequests', '2', DEFINITIVE, () => exact({ renewals: [4, 12], rebinds: [] })),
  threshold('attemptRequests', '2-broadcast', DEFINITIVE, () => exact({ renewals: [], rebinds: [1, 4] })),
  threshold('attemptDiscovers', '0', SUGGESTIVE, () => exact({ discovers: [] })),
  threshold('attemptDiscovers', '1', DEFINITIVE, () => exact({ discovers: [0.5] })),
  // The REQUESTs come before T1, so they are none; the DISCOVER admits it.
  threshold('attemptRequests', '2-before-T1', SUGGESTIVE, () => exact({ renewals: [-9, -1], rebinds: [] })),
  // Attempts must come before the use that proves.
  threshold('attemptDiscovers', '1-after-use', SUGGESTIVE, () => exact({ discovers: [88] })),
];

/** One DISCOVER, answered by an OFFER so much later; the client does not take it. */
function offerAfter(seconds: number): Script {
  const { lan, client } = overuse({ doraAt: 0.994, discovers: [] });
  const xid = lan.discover(client, 121.5);
  const given = { xid, yiaddr: LEASED_2, leaseSeconds: 120 };
  lan.answer(121.5 + seconds, lan.server, client, DHCP_TYPE.offer, given, 'late-offer');
  return lan.script;
}

const answers: readonly Scenario[] = [
  threshold('answerSeconds', '9.9', SUGGESTIVE, () => offerAfter(9.9)),
  threshold('answerSeconds', '10', SUGGESTIVE, () => offerAfter(10)),
  threshold('answerSeconds', '10.1', DEFINITIVE, () => offerAfter(10.1)),
];

const frames: readonly Scenario[] = [
  threshold('useFrames', '2', UNDECIDED, () => exact({ uses: pings(20, 60) })),
  threshold('useFrames', '3', DEFINITIVE, () => exact({ uses: pings(20, 40, 60) })),
  threshold('useFrames', '4', DEFINITIVE, () => exact({ uses: pings(20, 30, 40, 60) })),
  threshold('useIpFrames', '1', UNDECIDED, () => exact({ uses: [arp(20), arp(25), ping(40), arp(60)] })),
  threshold('useIpFrames', '2', DEFINITIVE, () => exact({ uses: [ping(20), arp(40), ping(60)] })),
  threshold('useIpFrames', '3', DEFINITIVE, () => exact({ uses: pings(20, 40, 60) })),
  threshold('useSpanSeconds', '29.9', SUGGESTIVE, () => exact({ uses: span(29.9) })),
  threshold('useSpanSeconds', '30', DEFINITIVE, () => exact({ uses: span(30) })),
  threshold('useSpanSeconds', '30.1', DEFINITIVE, () => exact({ uses: span(30.1) })),
  threshold('weakSpanSeconds', '4.9', UNDECIDED, () => exact({ uses: span(4.9) })),
  threshold('weakSpanSeconds', '5', SUGGESTIVE, () => exact({ uses: span(5) })),
  threshold('weakSpanSeconds', '5.1', SUGGESTIVE, () => exact({ uses: span(5.1) })),
];

/** Two sure frames and one around the end of the grace: with it they are three. */
const graceUses = (grace: number, off: number): Use[] => pings(grace + off, grace + 20, grace + 45);

const graces: readonly Scenario[] = [
  threshold('graceMinSeconds', '9.999', UNDECIDED, () => exact({ uses: graceUses(10, -0.001) })),
  threshold('graceMinSeconds', '10', UNDECIDED, () => exact({ uses: graceUses(10, 0) })),
  threshold('graceMinSeconds', '10.001', DEFINITIVE, () => exact({ uses: graceUses(10, 0.001) })),
  ...([-0.1, 0.1] as const).flatMap((off) => [
    // 2 % of 1000 s.
    threshold('graceFraction', `${20 + off}`, off < 0 ? UNDECIDED : DEFINITIVE, () =>
      exact({ leaseSeconds: 1000, uses: graceUses(20, off) }),
    ),
    // 2 % of 20,000 s would be 400 s.
    threshold('graceMaxSeconds', `${300 + off}`, off < 0 ? UNDECIDED : DEFINITIVE, () =>
      exact({ leaseSeconds: 20_000, uses: graceUses(300, off), tailSeconds: 380 }),
    ),
  ]),
];

/** A lease too short for T1 + 28 s to come before T2. */
const shortLease = (leaseSeconds: number): Script => exact({ leaseSeconds, renewals: [0.02, 4, 12] });

/** P1 without any frame to the client between its first attempt and expiry but so many answers. */
function visibleAnswers(count: number): Script {
  const { lan, client } = overuse({ doraAt: 0.994, life: [5, 50] });
  for (let index = 0; index < count; index += 1)
    lan.use(client, 100 + index, { arp: false, mark: 'in-lease' });
  return lan.script;
}

/** A REQUEST with ciaddr behind expiry: the client thought that it had been renewed. */
function lateRequest(at: number): Script {
  const { lan, client } = overuse({ doraAt: 0.994 });
  lan.rebind(client, at, { mark: 'late-request' });
  return lan.script;
}

/** Every answer of the DHCP server was broadcast: the tap may not see unicast at all. */
function broadcastAnswers(): Script {
  const lan = new Lan();
  return overuse({ lan, client: lan.client({ wantsBroadcast: true }), doraAt: 0.994 }).lan.script;
}

const conditions: readonly Scenario[] = [
  threshold('shortLeaseSeconds', '59', SUGGESTIVE, () => shortLease(59)),
  threshold('shortLeaseSeconds', '60', DEFINITIVE, () => shortLease(60)),
  threshold('shortLeaseSeconds', '61', DEFINITIVE, () => shortLease(61)),
  threshold('unseen-shortLeaseSeconds', '59', SUGGESTIVE, () => unseen({ leaseSeconds: 59 }).lan.script),
  threshold('unseen-shortLeaseSeconds', '60', STRONG, () => unseen({ leaseSeconds: 60 }).lan.script),
  threshold('visible', '0', SUGGESTIVE, () => visibleAnswers(0)),
  threshold('visible', '1', DEFINITIVE, () => visibleAnswers(1)),
  threshold('visible', 'server-broadcasts', SUGGESTIVE, broadcastAnswers),
  threshold('late-request', 'in-grace', DEFINITIVE, () => lateRequest(130.9)),
  threshold('late-request', 'behind-grace', SUGGESTIVE, () => lateRequest(131.1)),
];

/** Silent from expiry on; the capture's last frame so long after expiry and grace. */
function endsAfter(seconds: number): Script {
  const { lan } = overuse({ doraAt: 0.994, uses: [], quiet: true });
  lan.chatter(131 + seconds - 0.5);
  lan.script.at(131 + seconds, () => lan.router.arpRequest('10.0.0.20'));
  return lan.script;
}

const ends: readonly Scenario[] = [
  threshold('judgeSeconds', '29.9', UNDECIDED, () => endsAfter(29.9)),
  threshold('judgeSeconds', '30', CLEAR, () => endsAfter(30)),
  threshold('judgeSeconds', '30.1', CLEAR, () => endsAfter(30.1)),
];

/** S1 with so many single frames, or over a span. */
const unseenUses = (count: number, seconds: number): Use[] =>
  Array.from({ length: count }, (_, index) => ping(15 + (index * seconds) / (count - 1)));

const unseenThresholds: readonly Scenario[] = [
  threshold('unseenFrames', '4', UNDECIDED, () => unseen({ uses: unseenUses(4, 60) }).lan.script),
  threshold('unseenFrames', '5', STRONG, () => unseen({ uses: unseenUses(5, 60) }).lan.script),
  threshold('unseenFrames', '6', STRONG, () => unseen({ uses: unseenUses(6, 60) }).lan.script),
  threshold('unseenSpanSeconds', '29.9', UNDECIDED, () => unseen({ uses: unseenUses(5, 29.9) }).lan.script),
  threshold('unseenSpanSeconds', '30', STRONG, () => unseen({ uses: unseenUses(5, 30) }).lan.script),
  threshold(
    'unseenSpanFraction',
    '39.9',
    UNDECIDED,
    () => unseen({ leaseSeconds: 400, uses: unseenUses(5, 39.9), tailSeconds: 100 }).lan.script,
  ),
  threshold(
    'unseenSpanFraction',
    '40',
    STRONG,
    () => unseen({ leaseSeconds: 400, uses: unseenUses(5, 40), tailSeconds: 100 }).lan.script,
  ),
  ...([0, 1, 2, 3] as const).map((others) =>
    threshold(
      'unseenOthers',
      `${others}`,
      others < 2 ? RENEWALS_NOT_VISIBLE : STRONG,
      () => unseen({ renewed: false, others }).lan.script,
    ),
  ),
];

/** Second order without any attempt of the first client, so that nothing but the second order can be found. */
const second = (fields: Parameters<typeof reassigned>[0]): Script =>
  reassigned({ doraAt: 0.994, renewals: [], rebinds: [], discovers: [], pingsOnly: true, ...fields }).script;

const secondOrder: readonly Scenario[] = [
  threshold('secondUseFrames', '2', UNDECIDED, () => second({ firstUses: [123, 133] })),
  threshold('secondUseFrames', '3', DUPLICATE, () => second({ firstUses: [123, 128, 133] })),
  threshold('secondUseFrames', '4', DUPLICATE, () => second({ firstUses: [123, 126, 130, 133] })),
  threshold('secondSpanSeconds', '4.9', UNDECIDED, () => second({ firstUses: [123, 124, 127.9] })),
  threshold('secondSpanSeconds', '5', DUPLICATE, () => second({ firstUses: [123, 124, 128] })),
  threshold('secondSpanSeconds', '5.1', DUPLICATE, () => second({ firstUses: [123, 124, 128.1] })),
  threshold('secondEarlySeconds', '1.1', UNDECIDED, () =>
    second({ secondAckAt: 89.9, firstUses: [120, 126, 132, 138] }),
  ),
  threshold('secondEarlySeconds', '1', DUPLICATE, () =>
    second({ secondAckAt: 90, firstUses: [120, 126, 132, 138] }),
  ),
  threshold('secondEarlySeconds', '0.9', DUPLICATE, () =>
    second({ secondAckAt: 90.1, firstUses: [120, 126, 132, 138] }),
  ),
  threshold('second-server', 'other', STRONG, () =>
    second({ otherServer: true, firstUses: [123, 128, 133] }),
  ),
];

export const thresholds: readonly Scenario[] = [
  ...attempts,
  ...answers,
  ...frames,
  ...graces,
  ...conditions,
  ...ends,
  ...unseenThresholds,
  ...tapThresholds,
  ...secondOrder,
  ...noAckThresholds,
  ...resumeThresholds,
  ...tailThresholds,
];
