/**
 * Q151387: a DHCP client keeps its address after the lease has expired. The client asks in vain for renewal
 * and for a new lease, and yet frames go on leaving its station under the address. Worse (second order): the
 * server has leased the address to somebody else by then.
 */
import type { About } from '../../../src/engine/host-filter.ts';
import { defineRule, type RuleContext } from '../../../src/engine/rule.ts';
import { formatIpv4 } from '../../../src/wire/ipv4.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import type { FrameCitation } from '../../../src/engine/result.ts';
import type { Lease } from '../../../src/trackers/lease.ts';
import { article } from './article.ts';
import { type Assessment, assess, excuseStation } from './assess.ts';
import { messages } from './messages.ts';
import { options } from './options.ts';
import { pictureOf } from './picture.ts';

export default defineRule({
  meta: {
    article,
    title: 'DHCP address used past its lease',
    area: 'dhcp',
    severity: { definitive: 'error', strong: 'warning', suggestive: 'info' },
    qualifiers: { withDuplicate: { severity: 'critical', when: 'with a second holder of the address' } },
    needs: ['leases', 'addressClasses'],
    options,
    messages,
    lookAlikes: [
      'A renewal that took another way than past this tap.',
      'A lease that was released, refused or replaced before it ran out.',
      'Use inside the grace after expiry, or only the tail of closing connections.',
      'A laptop that slept over the expiry, sends a few frames and then asks.',
      'Another machine that uses the address statically, or was given it next.',
      'One machine with several client identifiers: PXE then its system, dual boot, containers.',
      'An access point or proxy that answers ARP for a client that is gone.',
    ],
    refutations: [
      'An ACK of the address to this client, captured anywhere, between the last one cited and the first use.',
      'A lease in the log of the server that ends later than the one that the finding stands on.',
    ],
    couldHide: ['tunnelled', 'linkType', 'truncated', 'withoutTime', 'oversized', 'evicted'],
  },
  create(context) {
    const { leases, stations } = context.trackers;
    /** Leases that were used past expiry; most are not, and are counted as they close. */
    const used: Assessment[] = [];
    const counts = { leases: 0, expired: 0, judged: 0 };
    return {
      leaseClosed(lease) {
        const assessment = assess(lease, context.options, leases.renewals);
        counts.leases += 1;
        counts.expired += assessment.hasExpired ? 1 : 0;
        counts.judged += assessment.undecided === null ? 1 : 0;
        if (assessment.candidates.length === 0) count(context, assessment);
        else if (used.length < MAX_USED) used.push(assessment);
        else context.undecided('evicted', aboutOf(lease));
      },
      end() {
        for (const mac of leases.cutClients) context.undecided('cut', { macs: [mac] });
        for (const mac of leases.rasClients) context.undecided('notVisible', { macs: [mac] });
        const closed = used.map((assessment) => excuseStation(assessment, stations));
        const judged = counts.judged - closed.filter(({ undecided }) => undecided !== null).length;
        const isBlind = isTapBlind(closed, judged, context.options);
        for (const assessment of closed) conclude(context, assessment, isBlind);
        const { length } = closed.filter((assessment) => assessment.candidates.length > 0);
        context.tell({ leases: counts.leases, expired: counts.expired, used: length });
      },
    };
  },
});

/** Leases used past expiry that wait for the end of the capture: more than can be reported. */
const MAX_USED = 1536;

/** Many clients that never seem to renew mean a tap that does not see renewals (rules 2.4, S1). */
function isTapBlind(
  used: readonly Assessment[],
  judged: number,
  thresholds: RuleContext<typeof options>['options'],
): boolean {
  const unseen = new Set(
    used.filter((assessment) => assessment.isUnseen).map((assessment) => assessment.lease.chaddr),
  );
  return unseen.size >= thresholds.blindClients && unseen.size > thresholds.blindFraction * judged;
}

function aboutOf(lease: Lease): About {
  return {
    addresses: [lease.address, lease.serverId],
    macs: [lease.chaddr, lease.second?.mac ?? Number.NaN],
  };
}

/** Counts a lease that was not used past expiry, or whose use is no sign of a fault. */
function count(context: RuleContext<typeof options>, { lease, undecided }: Assessment): void {
  if (undecided === null) context.judged(aboutOf(lease));
  else context.undecided(undecided, aboutOf(lease));
}

/** Reports one lease, or counts it as judged or undecided. */
function conclude(context: RuleContext<typeof options>, assessment: Assessment, isBlind: boolean): void {
  const { lease } = assessment;
  const about = aboutOf(lease);
  if (assessment.candidates.length === 0) {
    count(context, assessment);
    return;
  }
  const candidates = isBlind
    ? assessment.candidates.map((candidate) =>
        candidate.summary === 'unseen' ? { ...candidate, tier: 'suggestive' as const } : candidate,
      )
    : assessment.candidates;
  const address = formatIpv4(lease.address);
  const mac = formatMac(lease.chaddr);
  const second = assessment.isUsedByOther && lease.second ? formatMac(lease.second.mac) : null;
  const lastUse = lease.uses.at(-1)?.time ?? Number.NaN;
  const requests = assessment.unanswered.filter((attempt) => attempt.kind === 'request').length;
  const discovers = assessment.unanswered.length - requests;
  const known = lease.isAcknowledged;
  const overrunSeconds = known ? round(lastUse - lease.expiry) : null;
  const tier = context.report({
    kind: 'fault',
    candidates,
    domain: lease.domain.index,
    subject: `${address} on ${mac}`,
    hosts: [address],
    macs: second === null ? [mac] : [mac, second],
    frames: citedFrames(assessment),
    count: lease.useCount,
    why: second === null ? 'why' : 'whyDuplicate',
    whatToDo: 'whatToDo',
    caveats: known ? ['caveatOtherPath', 'caveatClock'] : ['caveatNoAck', 'caveatOtherPath'],
    data: {
      address,
      mac,
      second,
      uses: lease.useCount,
      requests,
      discovers,
      overrunSeconds,
      leaseSeconds: known ? lease.leaseSeconds : null,
      useSeconds: round(lastUse - (lease.uses[0]?.time ?? lastUse)),
    },
    facts: {
      address,
      chaddr: mac,
      server: lease.serverId === 0 ? null : formatIpv4(lease.serverId),
      leaseSeconds: known ? lease.leaseSeconds : null,
      leaseStartSeconds: known ? round(lease.start) : null,
      leaseExpirySeconds: known ? round(lease.expiry) : null,
      graceSeconds: known ? lease.graceSeconds : null,
      overrunSeconds,
      useFrames: lease.useCount,
      unansweredRequests: requests,
      unansweredDiscovers: discovers,
      otherClient: second,
    },
    series: pictureOf(assessment),
  });
  if (tier === null) context.undecided('drops', about);
  else context.judged(about);
}

/** The lease, every attempt, the first three and the last use, the other client (rules 2.4). */
function citedFrames({ lease, unanswered, isUsedByOther }: Assessment): FrameCitation[] {
  const frames: Array<FrameCitation | null | undefined> = [lease.request, lease.ack];
  const attempts = unanswered.map((attempt) => attempt.frame);
  frames.push(...(attempts.length > 12 ? [...attempts.slice(0, 8), ...attempts.slice(-4)] : attempts));
  const after = isUsedByOther && lease.second ? lease.second.time : Number.NEGATIVE_INFINITY;
  const uses = lease.uses.filter((use) => use.time > after).map((use) => use.frame);
  frames.push(...uses.slice(0, 3), uses.at(-1));
  if (isUsedByOther && lease.second)
    frames.push(lease.second.request, lease.second.ack, lease.second.firstUse);
  return frames.filter((frame) => frame !== null && frame !== undefined);
}

/** Seconds to the microsecond, as a report shows them. */
function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
