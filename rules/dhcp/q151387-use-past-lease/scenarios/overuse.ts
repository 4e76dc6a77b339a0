/**
 * The three ways in which the fault shows, each with every number open: a client that asks in vain and stays
 * (`overuse`, P1), one that never asks (`unseen`, P6), and one whose address the server gave to another (`reassigned`, P2).
 */
import { Connection } from '../../../../samples/craft/index.ts';
import type { Script, ScriptFields } from '../../../../samples/craft/index.ts';
import { LEASED, Lan, MAC_B } from './lan.ts';
import type { Client, LeaseFields, UseFields } from './lan.ts';
import type { Ipv4 } from '../../../../samples/craft/index.ts';

/** A use after expiry: a time alone is an ARP request and a ping. */
export type Use = number | (UseFields & { readonly at: number });

export interface OveruseFields extends Pick<LeaseFields, 'overloads' | 'address'> {
  readonly script?: ScriptFields;
  /** Reuses a network and its client instead of making them. */
  readonly lan?: Lan;
  readonly client?: Client;
  readonly splitsClientId?: boolean;
  readonly wantsBroadcast?: boolean;
  readonly server?: Lan['server'];
  /** Time of the DISCOVER; the lease starts 6 ms later. */
  readonly doraAt?: number;
  readonly leaseSeconds?: number;
  readonly tag?: string;
  /** RFC 1541: renewals also carry options 50 and 54. */
  readonly rfc1541?: boolean;
  /** Unicast REQUESTs, in seconds after T1. */
  readonly renewals?: readonly number[];
  /** Broadcast REQUESTs, in seconds after T2. */
  readonly rebinds?: readonly number[];
  /** In seconds after expiry. */
  readonly discovers?: readonly number[];
  /** In seconds after expiry. */
  readonly uses?: readonly Use[];
  /** Answered pings while the lease runs, in seconds after its start: from, to. Null for none. */
  readonly life?: readonly [number, number] | null;
  /** End of the capture, in seconds after expiry. */
  readonly tailSeconds?: number;
  /** Leaves the background to the caller. */
  readonly quiet?: boolean;
}

export interface Overuse {
  readonly lan: Lan;
  readonly client: Client;
  /** Time of expiry without the 6 ms between DISCOVER and REQUEST. */
  readonly expiry: number;
}

/** Every 13 s from 6 s to 84 s after expiry. */
export const USES: readonly number[] = [6, 19, 32, 45, 58, 71, 84];

function useAll(lan: Lan, client: Client, address: Ipv4, expiry: number, uses: readonly Use[]): void {
  for (const use of uses) {
    if (typeof use === 'number') lan.use(client, expiry + use, { address });
    else lan.use(client, expiry + use.at, { address, ...use });
  }
}

/** A short session with the file server, opened and closed inside the lease. */
export function fileSession(lan: Lan, client: Client, at: number): void {
  const session = new Connection(client.host, lan.fileServer, {
    clientPort: 1041,
    serverPort: 139,
    clientIsn: 0x0004_81c2,
    serverIsn: 0x0093_2f10,
  });
  const { script } = lan;
  script
    .at(at, () => session.syn())
    .at(at + 0.0006, () => session.synAck())
    .at(at + 0.0011, () => session.ack('client'))
    .at(at + 0.002, () => session.data('client', 72))
    .at(at + 0.004, () => session.data('server', 4))
    .at(at + 0.9, () => session.data('client', 410))
    .at(at + 0.93, () => session.data('server', 1180))
    .at(at + 1.1, () => session.ack('client'))
    .at(at + 4, () => session.fin('client'))
    .at(at + 4.0008, () => session.fin('server'))
    .at(at + 4.0014, () => session.ack('client'));
}

export function overuse(fields: OveruseFields = {}): Overuse {
  const { doraAt = 1, leaseSeconds = 120, address = LEASED, uses = USES, tailSeconds = 91 } = fields;
  const lan = fields.lan ?? new Lan(fields.script);
  const client =
    fields.client ??
    lan.client({
      splitsClientId: fields.splitsClientId ?? false,
      wantsBroadcast: fields.wantsBroadcast ?? false,
    });
  // With the DISCOVER at a whole second the schedule is counted from it; with the REQUEST there, from that.
  const origin = Math.ceil(doraAt);
  const expiry = origin + leaseSeconds;
  lan.dora(client, doraAt, {
    address,
    leaseSeconds,
    overloads: fields.overloads ?? false,
    ...(fields.server ? { server: fields.server } : {}),
    ...(fields.tag === undefined ? {} : { tag: fields.tag }),
  });
  const old = { address, rfc1541: fields.rfc1541 ?? false };
  for (const after of fields.renewals ?? [0.02, 4, 12, 28]) {
    lan.renew(client, origin + leaseSeconds / 2 + after, old);
  }
  for (const after of fields.rebinds ?? [0, 4])
    lan.rebind(client, origin + 0.875 * leaseSeconds + after, old);
  for (const after of fields.discovers ?? [0.5, 4.5, 12.5, 28.5]) lan.discover(client, expiry + after);

  lan.nameQuery(client, origin + 0.2, { address });
  const life = fields.life === undefined ? ([5, leaseSeconds - 5] as const) : fields.life;
  if (life) lan.life(client, origin + life[0], origin + life[1], { address });
  if (life && leaseSeconds > 40) fileSession(lan, client, origin + 19);
  useAll(lan, client, address, expiry, uses);
  if (!fields.quiet) lan.chatter(expiry + tailSeconds);
  return { lan, client, expiry };
}

export interface UnseenFields {
  readonly leaseSeconds?: number;
  /** The client's own renewal at T1 is captured; the lease then runs from there. */
  readonly renewed?: boolean;
  /** In seconds after the last expiry. */
  readonly uses?: readonly Use[];
  readonly tailSeconds?: number;
  /** Other clients of the server whose renewal, 90 s into the capture, is captured. */
  readonly others?: number;
}

/** No attempt at expiry, though the tap sees renewals; the use is unicast both ways. */
export function unseen(fields: UnseenFields = {}): Overuse {
  const { leaseSeconds = 120, renewed = true, tailSeconds = 246, others = 0 } = fields;
  const lan = new Lan();
  const client = lan.client();
  // The REQUEST, or the renewal, is at a whole second.
  lan.dora(client, 0.994, { leaseSeconds });
  lan.nameQuery(client, 1.2);
  const renewal = 1 + leaseSeconds / 2;
  if (renewed) lan.renewed(client, renewal, { leaseSeconds });
  const expiry = (renewed ? renewal : 1) + leaseSeconds;
  for (let number = 1; number <= others; number += 1) {
    lan.renewed(lan.crowd(number), 90 + number, { address: `10.0.0.${100 + number}`, leaseSeconds: 86_400 });
  }
  fileSession(lan, client, 20);
  lan.life(client, 6, expiry - 4);
  const uses = fields.uses ?? Array.from({ length: 19 }, (_, index) => 6 + index * 13);
  useAll(lan, client, LEASED, expiry, uses);
  lan.chatter(expiry + tailSeconds);
  return { lan, client, expiry };
}

export interface ReassignedFields {
  readonly leaseSeconds?: number;
  readonly doraAt?: number;
  /** Absolute times. */
  readonly renewals?: readonly number[];
  readonly rebinds?: readonly number[];
  readonly discovers?: readonly number[];
  /** Time of the second client's ACK. */
  readonly secondAckAt?: number;
  /** The second client's DORA is with the second server. */
  readonly otherServer?: boolean;
  readonly firstUses?: readonly number[];
  readonly secondUses?: readonly number[];
  /** The first client sends no ARP requests. */
  readonly pingsOnly?: boolean;
  readonly untilSeconds?: number;
}

/** The second order: the address goes to B while A is still on it. A answers B's announcement. */
export function reassigned(fields: ReassignedFields = {}): Lan {
  const { leaseSeconds = 90, doraAt = 1, secondAckAt = 120.01, untilSeconds = 182 } = fields;
  const lan = new Lan();
  const first = lan.client();
  const second = lan.client({ mac: MAC_B, hostName: 'NT-WS9', ttl: 128 });
  lan.dora(first, doraAt, { leaseSeconds });
  lan.nameQuery(first, doraAt + 0.2);
  lan.life(first, 6, doraAt + leaseSeconds - 3);
  for (const at of fields.renewals ?? [46.1, 50, 58, 74]) lan.renew(first, at);
  for (const at of fields.rebinds ?? [80.5, 84.5]) lan.rebind(first, at);
  for (const at of fields.discovers ?? [91.5, 95.5, 103.5]) lan.discover(first, at);

  const server = fields.otherServer ? lan.secondServer : lan.server;
  lan.dora(second, secondAckAt - 0.01, { tag: 'second', server, leaseSeconds: 3600 });
  const secondStation = { mac: MAC_B, ip: LEASED };
  const announcedAt = secondAckAt + 0.2;
  lan.script.at(announcedAt, () => second.host.announce({ sourceIp: LEASED }), { mark: 'announcement' });
  lan.script.at(announcedAt + 0.0003, () => first.host.arpReply(secondStation, { sourceIp: LEASED }), {
    mark: 'defence',
  });
  const every4 = (from: number): number[] => Array.from({ length: 14 }, (_, index) => from + 4 * index);
  const firstUses = fields.firstUses ?? [96, 107, 118, ...every4(122)];
  for (const at of firstUses) {
    const mark = at > secondAckAt ? 'first-use' : 'early-use';
    lan.use(first, at, { mark, arp: !fields.pingsOnly && (at % 3 === 0 || at < secondAckAt) });
  }
  for (const at of fields.secondUses ?? every4(123.5))
    lan.use(second, at, { mark: 'second-use', arp: false });
  lan.chatter(untilSeconds);
  return lan;
}

/**
 * P1, but for 71 s behind the first DISCOVERs the client uses neither the address nor DHCP; then it does both. It slept, or not: `frame`,
 * every 5 s, tells.
 */
export function usedLate(frame: Uint8Array | null): Script {
  const { lan } = overuse({
    discovers: [0.5, 4.5, 12.5, 90],
    uses: [84, 97, 110, 123, 136],
    tailSeconds: 150,
  });
  if (frame !== null) for (let at = 3; at < 265; at += 5) lan.script.at(at, () => frame);
  return lan.script;
}
