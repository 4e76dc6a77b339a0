/**
 * Q228811: a host chooses initial sequence numbers below those it used before, and attempts to connect hang where the peer still
 * holds the old connection in TIME-WAIT. Random numbers (RFC 6528) do the same harmlessly; the gates tell the two apart.
 */
import type { About } from '../../../src/engine/host-filter.ts';
import {
  type Candidate,
  defineRule,
  type FindingReport,
  type RuleContext,
} from '../../../src/engine/rule.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { article } from './article.ts';
import { type Host, hostsOf } from './host.ts';
import { messages } from './messages.ts';
import { options } from './options.ts';
import { pictureOf } from './picture.ts';
import { framesOf, hasHung, judgeReuse } from './reuse.ts';
import { isClassified, isScanner, judgeSeries } from './series.ts';

type Context = RuleContext<typeof options>;

/** Frames of two packets each, for the steps backward of a series. */
const MAX_STEPS = 6;

/** Of an attempt that failed, of any attempt, of numbers alone. */
const REFUTATIONS = {
  answer: 'A SYN/ACK to the cited SYNs, captured anywhere within ten seconds of the first.',
  twoHosts: 'Two hosts that share the address, one for the old and one for the new connection.',
  manyHosts: 'Several hosts behind the address, each of which counts forward.',
};

export default defineRule({
  meta: {
    article,
    title: 'Sequence numbers that go backward',
    area: 'tcp',
    severity: { definitive: 'error', strong: 'warning', suggestive: 'info' },
    qualifiers: { delayed: { severity: 'info', when: 'where a connection was delayed and then opened' } },
    needs: ['connections', 'addressClasses', 'arp', 'dhcp'],
    options,
    messages,
    lookAlikes: [
      'Hosts with random or hashed numbers (RFC 6528), 64K-rule and clock-driven generators.',
      'Several hosts behind one address: NAT, load balancers.',
      'A tuple reused after TIME-WAIT, after a reset, or where the opener alone holds TIME-WAIT.',
      'Recovery of a half-open connection: old acknowledgment, reset, and the next SYN is accepted.',
      'A full backlog, a firewall or a limiter that drops or resets other attempts as well.',
      'Retransmitted, duplicated or re-ordered SYNs, reboots, scanners and SYN floods.',
    ],
    refutations: Object.values(REFUTATIONS),
    couldHide: [
      'ipv6',
      'tunnelled',
      'linkType',
      'truncated',
      'withoutTime',
      'oversized',
      'evicted',
      'evictedConnections',
      'evictedSyns',
      'floodedSyns',
    ],
  },
  create(context) {
    return {
      end() {
        const { connections } = context.trackers;
        if (connections === null) return;
        const counts = { hosts: 0, faulty: 0, reuses: 0 };
        const classes = new Map<string, number>();
        for (const host of hostsOf(connections)) {
          if (judgeHost(context, host)) counts.faulty += 1;
          if (host.isHandshakeSeen) counts.hosts += 1;
          counts.reuses +=
            (host.client?.reusesAccepted ?? 0) + host.reuses.filter((reuse) => !reuse.isOpen).length;
          const { kind } = host;
          if (kind !== 'unknown') classes.set(kind, (classes.get(kind) ?? 0) + 1);
        }
        noteOneSided(context, connections.unanswered());
        if (connections.cut > 0) context.undecided('cut');
        const named = [...classes]
          .toSorted(([, a], [, b]) => b - a)
          .map(([kind, hosts]) => `${hosts} ${kind}`);
        context.tell({ ...counts, classes: named.join(', ') || 'none told' });
      },
    };
  },
});

/** Judges one host; answers true if it has a finding. */
function judgeHost(context: Context, host: Host): boolean {
  const found = reportHost(context, host);
  const isClassed = host.stretches.some((stretch) => isClassified(stretch, context.options));
  const isSettled =
    isClassed ||
    (host.client?.reusesAccepted ?? 0) > 0 ||
    host.reuses.some((reuse) => judgeReuse(reuse, host, false, context.options).isJudged);
  const about = found ?? { addresses: [host.address] };
  // The answer that would have shown the fault, or a copy of what came before.
  const isDoubtful =
    found === null &&
    host.reuses.some((reuse) => reuse.isAckDoubtful && (!isClassed || hasHung(reuse, context.options)));
  if (isDoubtful) context.undecided('multiPoint', about);
  else if (found !== null || isSettled) context.judged(about);
  else context.undecided(host.isHandshakeSeen ? 'tooFew' : 'oneDirection', about);
  return found !== null;
}

/** Whom the finding on a host is about; null if there is none. */
function reportHost(context: Context, host: Host): About | null {
  if (host.reuses.length === 0 && !host.stretches.some((stretch) => stretch.backward > 0)) return null;
  if (host.client !== null && isScanner(host.client, context.options)) return null;
  const { stations, domains } = context.trackers;
  const isOnLink = stations.isOnLink(host.domain, host.address);
  const proven = host.reuses
    .map((reuse) => ({ reuse, candidates: judgeReuse(reuse, host, isOnLink, context.options).candidates }))
    .filter(({ candidates }) => candidates.length > 0);
  const series = judgeSeries(host, context.options);
  const candidates = [
    ...proven.flatMap((each) => each.candidates),
    ...(series === null ? [] : [series.candidate]),
  ];
  if (candidates.length === 0) return null;
  const [first] = proven;
  const address = formatIpv4(host.address);
  const server = first ? formatIpv4(first.reuse.responder) : null;
  const data = {
    address,
    opener: address,
    server,
    isn: first ? first.reuse.isn >>> 0 : null,
    back: first ? first.reuse.back + 1 : null,
    sinceClose: first ? nanToNull(first.reuse.firstTime - first.reuse.old.closeTime) : null,
    rounds: first?.reuse.rounds ?? 0,
    backward: series?.stretch.backward ?? 0,
    steps: series?.stretch.steps ?? 0,
    most: Math.max(0, ...(series?.stretch.backwardSteps ?? []).map((step) => step.back)),
  };
  const tier = context.report({
    kind: 'fault',
    candidates,
    domain: host.domain,
    subject: address,
    hosts: server === null ? [address] : [address, server],
    macs: [],
    frames: [
      ...proven.slice(0, 2).flatMap(({ reuse }) => framesOf(reuse)),
      ...(series?.stretch.backwardSteps ?? []).slice(0, MAX_STEPS).flatMap((step) => [step.from, step.to]),
    ],
    count: proven.length + (series?.stretch.backward ?? 0),
    why: 'why',
    whatToDo: 'whatToDo',
    ...doubtsOf(proven.flatMap((each) => each.candidates)),
    data,
    facts: {
      address,
      class: host.kind,
      isn: data.isn,
      expected: first ? first.reuse.old.expected >>> 0 : null,
      back: data.back,
      secondsSinceClose: data.sinceClose,
      samples: host.series.reduce((sum, each) => sum + each.samples, 0),
      backwardSteps: data.backward,
      domain: domains.list[host.domain]?.name ?? null,
    },
    series: pictureOf(
      host,
      proven.map(({ reuse }) => reuse),
      (time) => context.secondsOf(time),
    ),
  });
  if (tier === null) return null;
  return { addresses: first ? [host.address, first.reuse.responder] : [host.address] };
}

/** What a finding has to be read with: that of an attempt that failed, of one that came late, and of numbers alone. */
function doubtsOf(attempts: readonly Candidate[]): Pick<FindingReport, 'caveats' | 'refutations'> {
  if (attempts.length === 0) return { caveats: ['caveatNat'], refutations: [REFUTATIONS.manyHosts] };
  const { answer, twoHosts } = REFUTATIONS;
  const hasFailed = attempts.some(({ qualifier }) => qualifier !== 'delayed');
  return hasFailed
    ? { caveats: ['caveatLost', 'caveatTimeWait', 'caveatNat'], refutations: [answer, twoHosts] }
    : { caveats: ['caveatTimeWait', 'caveatNat'], refutations: [twoHosts] };
}

/** Hosts whose attempts went to somebody who was never heard: this tap may see one direction only. */
function noteOneSided(
  context: Context,
  unanswered: Iterable<{ readonly domain: number; readonly source: number; readonly destination: number }>,
): void {
  const { sources, connections } = context.trackers;
  const noted = new Set<number>();
  for (const { domain, source, destination } of unanswered) {
    const key = domain * 0x1_0000_0000 + (source >>> 0);
    if (noted.has(key) || connections?.series.find(domain, source, 'client')) continue;
    if (sources.framesOf(domain, destination) > 0) continue;
    noted.add(key);
    context.undecided('oneDirection', { addresses: [source] });
  }
}

function nanToNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
