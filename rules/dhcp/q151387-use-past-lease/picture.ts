/** What the picture of a lease shows: its terms, what was asked of the server, and who used the address when. */
import type { Series } from '../../../src/engine/result.ts';
import { eventSeries, stateSeries } from '../../../src/engine/series.ts';
import type { Lease } from '../../../src/trackers/lease.ts';
import { formatMac } from '../../../src/wire/mac.ts';
import type { Assessment } from './assess.ts';

export function pictureOf({ lease, unanswered }: Assessment): Series[] {
  const holder = formatMac(lease.chaddr);
  const renewals = lease.attempts.filter(({ kind, isAnswered }) => kind === 'request' && isAnswered);
  const inVain = (kind: 'request' | 'discover') =>
    unanswered.filter((attempt) => attempt.kind === kind).map(({ time }) => time);
  const uses = (isIp: boolean) => lease.uses.filter((use) => use.isIp === isIp).map(({ time }) => time);
  return [
    ...termsOf(lease, holder),
    ...eventSeries('renewal answered', holder, [
      ...earlierRenewals(lease),
      ...renewals.map(({ time }) => time),
    ]),
    ...eventSeries('renewal unanswered', holder, inVain('request')),
    ...eventSeries('discover unanswered', holder, inVain('discover')),
    ...eventSeries('use by IPv4', holder, uses(true)),
    ...eventSeries('use by ARP', holder, uses(false)),
    ...secondHolder(lease),
  ];
}

/** The states of RFC 2131 4.4.5 as the terms give them, then the grace, then the time past it. */
function termsOf(lease: Lease, holder: string): Series[] {
  if (!lease.isAcknowledged) return [];
  const { start, t1, t2, expiry, useFrom, provenUntil } = lease;
  const granted = Math.min(start, ...earlierRenewals(lease));
  const state = (name: string, from: number, to: number) =>
    from < provenUntil ? stateSeries(name, holder, [{ from, to: Math.min(to, provenUntil) }]) : [];
  return [
    ...state('lease bound', granted, t1),
    ...state('lease renewing', t1, t2),
    ...state('lease rebinding', t2, expiry),
    ...state('lease grace', expiry, useFrom),
    ...state('lease expired', useFrom, provenUntil),
  ];
}

/** Renewals no longer ago than a lease: a picture of days would show nothing of its end. */
function earlierRenewals({ unicastRenewals, start, leaseSeconds }: Lease): number[] {
  return unicastRenewals.filter((time) => time >= start - leaseSeconds);
}

function secondHolder({ second }: Lease): Series[] {
  if (second === null) return [];
  const other = formatMac(second.mac);
  return [
    ...eventSeries('leased to another', other, [second.time]),
    ...eventSeries('use by another', other, second.uses),
  ];
}
