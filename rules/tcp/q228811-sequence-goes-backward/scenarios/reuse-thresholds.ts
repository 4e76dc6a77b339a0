/**
 * What decides the tier of a reused 4-tuple: the gates, and every threshold just below, at and above. Where the text
 * leaves open from which of several packets a time runs, the two sides stand well away from it instead.
 */
import { TCP_OPTION, concat } from '../../../../samples/craft/index.ts';
import type { Expectation, Scenario, Script } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, DELAYED, OLD_ACK_FRAMES, RULE, SILENT } from './expectations.ts';
import { STRONG, SUGGESTIVE, citing } from './expectations.ts';
import { NT_STACK, WINDOWS_2000_STACK, ntEnd, ntLikeEnd } from './lan.ts';
import type { End, Stack } from './lan.ts';
import { beforeTheCapture, delayed, finLost, oldAcks, refusals, silence } from './positives.ts';
import { LAST_ACK, STEPS, reuse } from './reuse.ts';
import type { ReuseFields, TryFields } from './reuse.ts';

export interface Case {
  readonly name: string;
  readonly expect: Expectation;
  readonly build: () => Script;
}

export function when(name: string, expect: Expectation, build: () => Script): Case {
  return { name, expect, build };
}

export function asScenarios(cases: readonly Case[]): Scenario[] {
  return cases.map(({ name, expect, build }) => ({
    name,
    title: name.replaceAll('-', ' '),
    rule: RULE,
    expect,
    build,
  }));
}

const BOUND = 5e7;

/** Three other steps only: with six numbers, one of these large steps would make the client a HASH24 (rules 1.3). */
function backward(back: number): Script {
  return oldAcks({ back, steps: [900, 60_000, 12_480] });
}

function otherStep(step: number): Script {
  return oldAcks({ steps: [900, step, 12_480] });
}

function timeWait(seconds: number): Script {
  const reuseAt = LAST_ACK + seconds;
  const base = reuse({ reuseAt })
    .tries('oldAck')
    .fresh(reuseAt + 1.5, reuseAt + 17);
  return base.witness().end(300);
}

/** The new SYN differs from the old one in one thing. */
function differs(change: Partial<Stack>, mac?: string, ttl?: number): Script {
  const client = ntEnd();
  const host = mac === undefined ? client.host : ntEnd(client.host.ip, mac, 0x7700).host;
  const renewed: End = { host, stack: { ...NT_STACK, ...change } };
  return oldAcks({ client, renewed: ttl === undefined ? renewed : ntLikeEnd(ttl, NT_STACK, 0x1290) });
}

const { mss, noOperation } = TCP_OPTION;
const PADDED: Stack = {
  ...NT_STACK,
  options: () => concat(mss(1460), noOperation, noOperation, noOperation, Uint8Array.of(0)),
};

/** The only answer to the only SYN comes so late, and the client resets it. */
function answerSeconds(seconds: number): Script {
  const base = reuse()
    .syn(0)
    .oldAck(seconds)
    .clientRst(seconds + 0.0003);
  return base.fresh(59.5, 75).witness().end(100);
}

function hangSeconds(answer: 'oldAck' | 'silent', seconds: number): Script {
  const tried = reuse().tries(answer, { syns: [0, 3, 9], answered: 2 });
  return tried.accepted(seconds).fresh(59.5, 66).witness().end(100);
}

/** Unanswered SYNs at these seconds after 32 s; others are answered at those times. */
/** The witness is busy enough to make a pause of the background look long: where the capture must be alive, it stays away. */
function unanswered(syns: TryFields['syns'], others: readonly number[], hasWitness = true): Script {
  const base = reuse({ serverPort: 443, reuseAt: 32 }).tries('silent', syns === undefined ? {} : { syns });
  const all = base.fresh(...others);
  return (hasWitness ? all.witness() : all).end(80);
}

function resets(count: number): Script {
  const base = reuse().tries('refusal', { syns: [0, 0.5, 1, 1.5].slice(0, count) });
  return base.fresh(57.2, 60.4).witness().end(100);
}

/** Three resets; the only sign of life comes so many seconds after the first. */
function resetAlive(seconds: number): Script {
  const base = reuse().tries('refusal', { syns: [0, 0.5, 1] });
  return base
    .fresh(58.0005 + seconds)
    .witness()
    .end(100);
}

/** The server refuses these many new clients, too, or at these times. */
function freshResets(times: readonly number[], fields: ReuseFields = {}): Script {
  const base = reuse(fields).tries('refusal', { syns: [0, 0.5, 1] });
  for (const at of times) base.lan.fresh(at, base.serverPort, 'refused');
  return base.fresh(base.at - 0.8, base.at + 2.4).end(base.at + 90);
}

const gateFails = (): ReuseFields => ({ client: ntLikeEnd(64) });

const cases: readonly Case[] = [
  when('isnBound-back-below', citing(DEFINITIVE, OLD_ACK_FRAMES), () => backward(BOUND - 1)),
  when('isnBound-back-at', citing(DEFINITIVE, OLD_ACK_FRAMES), () => backward(BOUND)),
  when('isnBound-back-above', citing(SUGGESTIVE, OLD_ACK_FRAMES), () => backward(BOUND + 1)),
  when('isnBound-step-below', DEFINITIVE, () => otherStep(BOUND - 1)),
  when('isnBound-step-at', DEFINITIVE, () => otherStep(BOUND)),
  when('isnBound-step-above', SUGGESTIVE, () => otherStep(BOUND + 1)),
  when('back-lowest', DEFINITIVE, () => oldAcks({ back: 0 })),
  when('back-none', SILENT, () => reuse({ back: -1 }).tries('oldAck').fresh(59.5, 75).witness().end(100)),
  when('timeWaitSeconds-below', DEFINITIVE, () => timeWait(239.9)),
  when('timeWaitSeconds-at', DEFINITIVE, () => timeWait(240)),
  when('timeWaitSeconds-above', SILENT, () => timeWait(240.1)),
  when('gate-window', SUGGESTIVE, () => differs({ window: 16_384 })),
  when('gate-mss', SUGGESTIVE, () => differs({ options: () => mss(1400) })),
  when('gate-options-added', SUGGESTIVE, () => differs(WINDOWS_2000_STACK)),
  when('gate-options-padded', SUGGESTIVE, () => differs(PADDED)),
  when('gate-ttl', SUGGESTIVE, () => differs({}, undefined, 127)),
  when('gate-mac', SUGGESTIVE, () => differs({}, '00:60:97:11:22:44')),
  when('gate-modern-options', SUGGESTIVE, () => oldAcks({ client: ntLikeEnd(128, WINDOWS_2000_STACK) })),
  when('gate-padded', DEFINITIVE, () => oldAcks({ client: ntLikeEnd(128, PADDED) })),
  when('ttlMin-below', SUGGESTIVE, () => oldAcks(gateFails())),
  when('ttlMin-at', DEFINITIVE, () => oldAcks({ client: ntLikeEnd(65) })),
  when('ttlMin-above', DEFINITIVE, () => oldAcks({ client: ntLikeEnd(66) })),
  when('ttlMax-below', DEFINITIVE, () => oldAcks({ client: ntLikeEnd(127) })),
  when('ttlMax-at', DEFINITIVE, () => oldAcks({ client: ntLikeEnd(128) })),
  when('ttlMax-above', SUGGESTIVE, () => oldAcks({ client: ntLikeEnd(129) })),
  when('gate-fails-silence', SUGGESTIVE, () => silence([33, 47], gateFails())),
  when('gate-fails-silence-not-alive', SILENT, () =>
    reuse({ ...gateFails(), reuseAt: 32 })
      .tries('silent')
      .witness()
      .end(80),
  ),
  when('gate-fails-resets', SUGGESTIVE, () => refusals(gateFails())),
  when('gate-fails-accepted', SILENT, () => delayed(gateFails())),
  when('otherSteps-below', STRONG, () => oldAcks({ steps: STEPS.slice(2) })),
  when('otherSteps-at', DEFINITIVE, () => oldAcks({ steps: STEPS.slice(1) })),
  when('otherSteps-above', DEFINITIVE, () => oldAcks({ steps: STEPS })),
  when('otherSteps-none', STRONG, () => oldAcks({ steps: [] })),
  when('otherSteps-below-silence', STRONG, () => silence([33, 47], { steps: STEPS.slice(2) })),
  when('answerSeconds-below', DEFINITIVE, () => answerSeconds(2.9)),
  when('answerSeconds-at', DEFINITIVE, () => answerSeconds(3)),
  when('answerSeconds-above', SILENT, () => answerSeconds(3.1)),
  when('hangSeconds-below', DELAYED, () => hangSeconds('oldAck', 9.4)),
  when('hangSeconds-at', DELAYED, () => hangSeconds('oldAck', 9.5)),
  when('hangSeconds-above', DEFINITIVE, () => hangSeconds('oldAck', 9.6)),
  when('hangSeconds-silence-below', SILENT, () => hangSeconds('silent', 9.4)),
  when('hangSeconds-silence-at', SILENT, () => hangSeconds('silent', 9.5)),
  when('hangSeconds-silence-above', DEFINITIVE, () => hangSeconds('silent', 9.6)),
  when('silentRetransmits-below', SILENT, () => unanswered([0, 3], [33, 35.5])),
  when('silentRetransmits-at', DEFINITIVE, () => unanswered([0, 3, 9], [33, 38])),
  when('silentRetransmits-above', DEFINITIVE, () => unanswered([0, 3, 9, 21], [33, 38])),
  when('silentRetransmits-below-not-alive', SILENT, () => unanswered([0, 3], [])),
  when('silentRetransmits-at-not-alive', STRONG, () => unanswered([0, 3, 9], [], false)),
  when('livenessAnswers-below', STRONG, () => silence([33])),
  when('livenessAnswers-at', DEFINITIVE, () => silence([33, 47])),
  when('livenessAnswers-above', DEFINITIVE, () => silence([33, 40, 47])),
  when('livenessAnswers-before', STRONG, () => silence([25, 30])),
  when('livenessTailSeconds-below', DEFINITIVE, () => silence([33, 53.9])),
  when('livenessTailSeconds-at', DEFINITIVE, () => silence([33, 54])),
  when('livenessTailSeconds-above', STRONG, () => silence([33, 54.1])),
  when('resets-below', SILENT, () => resets(2)),
  when('resets-at', STRONG, () => resets(3)),
  when('resets-above', STRONG, () => resets(4)),
  when('resetAliveSeconds-below', STRONG, () => resetAlive(4.9)),
  when('resetAliveSeconds-at', STRONG, () => resetAlive(5)),
  when('resetAliveSeconds-above', SILENT, () => resetAlive(5.1)),
  when('rounds-below', SILENT, () => finLost(1)),
  when('rounds-at', STRONG, () => finLost(2)),
  when('rounds-above', STRONG, () => finLost(3)),
  when('rounds-before-the-capture-below', SILENT, () =>
    beforeTheCapture({ rounds: 1, others: [58.3, 58.8] }),
  ),
  when('rounds-before-the-capture-at', SUGGESTIVE, () => beforeTheCapture({ rounds: 2 })),
  when('rounds-before-the-capture-above', SUGGESTIVE, () => beforeTheCapture({ rounds: 3 })),
  when('before-the-capture-one-other', SILENT, () => beforeTheCapture({ others: [59.5] })),
  when('before-the-capture-ttl', SILENT, () => beforeTheCapture({ client: ntLikeEnd(64) })),
  when('before-the-capture-modern', SILENT, () =>
    beforeTheCapture({ client: ntLikeEnd(128, WINDOWS_2000_STACK) }),
  ),
  when('before-the-capture-far', SILENT, () => beforeTheCapture({ back: BOUND + 1 })),
  when('freshResets-below', STRONG, () => freshResets([40])),
  when('freshResets-at', SUGGESTIVE, () => freshResets([40, 42])),
  when('freshResets-above', SUGGESTIVE, () => freshResets([40, 42, 44])),
  when('freshResetSeconds-below', SUGGESTIVE, () => freshResets([70, 71], { reuseAt: 120 })),
  when('freshResetSeconds-above', STRONG, () => freshResets([50, 190], { reuseAt: 120 })),
];

export const reuseThresholds: readonly Scenario[] = asScenarios(cases);
