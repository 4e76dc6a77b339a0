/** What the picture of an address shows: which station claimed it when, by what, and whose traffic came from it. */
import type { CaptureTime, FrameCitation, Series } from '../../../src/engine/result.ts';
import { eventSeries } from '../../../src/engine/series.ts';
import type { AvertedConflict } from '../../../src/trackers/address-claims.ts';
import type { AddressClaims, ClaimKind } from '../../../src/trackers/claimed-address.ts';
import { DHCP_ACK, DHCP_DECLINE } from '../../../src/wire/dhcp.ts';
import { formatMac } from '../../../src/wire/mac.ts';

const CLAIMS: ReadonlyArray<readonly [kind: ClaimKind, name: string]> = [
  ['announcement', 'announcement'],
  ['request', 'ARP request'],
  ['reply', 'ARP reply'],
  ['corrective', 'correction'],
];

/** Row by row in the order in which the stations claimed the address. */
export function pictureOf({ claimants, claims, notices }: AddressClaims): Series[] {
  return claimants.flatMap(({ mac, sourced }) => {
    const of = formatMac(mac);
    const timesOf = (kind: ClaimKind) =>
      claims.filter((claim) => claim.mac === mac && claim.kind === kind).map(({ time }) => time);
    const told = (type: number) =>
      notices.filter((notice) => notice.mac === mac && notice.type === type).map(({ time }) => time);
    return [
      ...CLAIMS.flatMap(([kind, name]) => eventSeries(name, of, timesOf(kind))),
      ...eventSeries('DHCP lease', of, told(DHCP_ACK)),
      ...eventSeries('DHCP decline', of, told(DHCP_DECLINE)),
      ...eventSeries('IPv4 traffic', of, sourced),
    ];
  });
}

/** The probe, its answer and the decline that followed: there is no more of a conflict that was averted. */
export function pictureOfAverted(
  { owner, prober, frames }: AvertedConflict,
  secondsOf: (time: CaptureTime) => number,
): Series[] {
  const [probe, answer, decline] = frames;
  const at = (frame: FrameCitation | undefined) => (frame?.time ? [secondsOf(frame.time)] : []);
  return [
    ...eventSeries('ARP reply', formatMac(owner), at(answer)),
    ...eventSeries('ARP probe', formatMac(prober), at(probe)),
    ...eventSeries('DHCP decline', formatMac(prober), at(decline)),
  ];
}

/** Frames of a station that answers everybody: its replies, and what they answer. */
export function pictureOfAnswers(
  mac: number,
  frames: readonly FrameCitation[],
  secondsOf: (time: CaptureTime) => number,
): Series[] {
  const times = frames.flatMap(({ time }) => (time === null ? [] : [secondsOf(time)]));
  return eventSeries('contested claim', formatMac(mac), times);
}
