/** N11 to N20 and X1 to X3: what a capture can make look like the fault. */
import {
  DHCP_OPTION,
  DHCP_TYPE,
  Host,
  concat,
  filler,
  hardwareClientId,
  u8,
  withClockStep,
  withGap,
} from '../../../../samples/craft/index.ts';
import { Script } from '../../../../samples/craft/index.ts';
import type { Scenario, TimedFrame } from '../../../../samples/craft/index.ts';
import { CLEAR, NO_LEASE, RENEWALS_NOT_VISIBLE, RUNNING, silent, undecided } from './expectations.ts';
import { LEASED, LEASED_2, Lan, MAC_A, MAC_B } from './lan.ts';
import { overuse, usedLate } from './overuse.ts';

const END = 215;

/** 600 s of lease, and a recorder whose clock leaps an hour ahead after 100 s. */
function clockJump(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1, { leaseSeconds: 600 });
  lan.life(client, 6, 210, { everySeconds: 7 });
  return withClockStep(lan.chatter(END), 100, 3600);
}

/** The host asks, is offered an address, and is then given that one by hand. */
function offerOnly(): Script {
  const lan = new Lan();
  const client = lan.client();
  const xid = lan.discover(client, 1);
  const given = { xid, yiaddr: LEASED, leaseSeconds: 120 };
  lan.answer(1.003, lan.server, client, DHCP_TYPE.offer, given, 'offer');
  lan.life(client, 30, 210);
  return lan.chatter(END);
}

/** Two relays forward one exchange; the servers' ACKs differ in their lease time, and the last one counts. */
function twoRelays(): Script {
  const lan = new Lan();
  const client = lan.client();
  const relay = (last: number, mac: string): Host =>
    new Host({ mac, ip: `10.0.0.${last}`, firstIpId: 0x60 * last });
  const relays = [relay(252, '00:e0:1e:60:42:fc'), relay(253, '00:e0:1e:60:42:fd')] as const;
  const xid = lan.nextXid();
  const given = { xid, yiaddr: LEASED, giaddr: '10.0.0.252', hops: 1, serverIdentifier: '10.0.9.1' };
  lan.say(1, client, DHCP_TYPE.discover, { xid }, 'first-discover');
  lan.answer(1.02, relays[0], client, DHCP_TYPE.offer, { ...given, leaseSeconds: 60 }, 'offer');
  const chosen = { xid, requestedAddress: LEASED, serverIdentifier: '10.0.9.1' };
  lan.say(1.03, client, DHCP_TYPE.request, chosen, 'request');
  lan.answer(1.05, relays[0], client, DHCP_TYPE.ack, { ...given, leaseSeconds: 60 }, 'ack');
  const copy = { ...given, giaddr: '10.0.0.253', leaseSeconds: 600 };
  lan.answer(1.062, relays[1], client, DHCP_TYPE.ack, copy, 'ack-copy');
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

/** The client goes away; a host with the same address by hand comes. */
function staticHost(): Script {
  const lan = new Lan();
  const client = lan.client();
  const other = lan.client({ mac: MAC_B, hostName: 'STATIC', ttl: 128 });
  lan.dora(client, 1);
  lan.life(client, 6, 50);
  lan.life(other, 135, 210, { everySeconds: 5, mark: 'static-use' });
  return lan.chatter(END);
}

/** A server that knows nothing of the lease refuses the rebinding; the client does not care. */
function nakedAndStays(): Script {
  const { lan, client } = overuse({ rebinds: [], discovers: [] });
  const xid = lan.rebind(client, 106);
  lan.answer(106.01, lan.secondServer, client, DHCP_TYPE.nak, { xid, to: 'broadcast' }, 'nak');
  return lan.script;
}

/** Unicast is not seen: the REBIND at T2 was answered elsewhere. */
function switchPort(): Script {
  const lan = new Lan();
  const client = lan.client({ wantsBroadcast: true });
  lan.dora(client, 1);
  for (let at = 6; at <= 260; at += 11) {
    lan.use(client, at, { ping: false, answered: false });
    lan.nameQuery(client, at + 2);
  }
  for (const at of [106.02, 211.1]) lan.rebind(client, at);
  return lan.chatter(270);
}

/** A boot ROM's lease, then the system's on the same MAC and address under another identity. */
function twoIdentities(): Script {
  const lan = new Lan();
  const rom = lan.client({ clientId: concat(u8(0), filler(16)), hostName: 'PXE' });
  const system = lan.client({ hostName: 'WS12', clientId: hardwareClientId(MAC_A) });
  lan.dora(rom, 1, { leaseSeconds: 60, tag: 'rom' });
  lan.dora(system, 40, { leaseSeconds: 120, tag: 'system' });
  lan.life(system, 45, 138, { everySeconds: 8 });
  const given = { xid: lan.nextXid(), ciaddr: LEASED, serverIdentifier: lan.server.ip, to: lan.server };
  lan.say(140, system, DHCP_TYPE.release, given, 'release');
  return lan.chatter(END);
}

/** One member of a link aggregate: it carried the first exchanges of five clients, and none of their renewals. */
function aggregateMember(): Script {
  const lan = new Lan();
  for (let number = 1; number <= 5; number += 1) {
    const client = lan.crowd(number);
    const address = `10.0.0.${120 + number}`;
    lan.dora(client, number * 3, { address });
    lan.life(client, number * 3 + 5, 255, { address });
  }
  return lan.chatter(260);
}

/** The server comes back in time for the first DISCOVER. */
function offered(): Script {
  const { lan, client } = overuse({ discovers: [], uses: [], quiet: true });
  lan.dora(client, 121.5, { tag: 'fresh' });
  lan.life(client, 132, 210, { everySeconds: 6 });
  return lan.chatter(END);
}

/** As `offered`, with OFFER and ACK on another port: the REQUEST that chooses a server shows that there was an OFFER. */
function choseUnseen(): Script {
  const lan = new Lan();
  const client = lan.client({ wantsBroadcast: true });
  lan.dora(client, 1);
  const xid = lan.discover(client, 121.5);
  const chosen = { xid, requestedAddress: LEASED, serverIdentifier: lan.server.ip };
  lan.say(121.52, client, DHCP_TYPE.request, chosen, 'chosen');
  for (let at = 6; at <= 210; at += 11) {
    lan.use(client, at, { ping: false, answered: false });
    lan.nameQuery(client, at + 2);
  }
  return lan.chatter(END);
}

/** DISCOVER and ACK alone, both with option 80, again before the first lease ends. */
function rapidCommit(): Script {
  const lan = new Lan();
  const client = lan.client();
  for (const at of [1, 115]) {
    const xid = lan.nextXid();
    const options = [DHCP_OPTION.rapidCommit];
    lan.say(at, client, DHCP_TYPE.discover, { xid, options }, 'first-discover');
    const given = { xid, yiaddr: LEASED, leaseSeconds: 120, options };
    lan.answer(at + 0.004, lan.server, client, DHCP_TYPE.ack, given, 'ack');
  }
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

/** RFC 8925: told at its reboot to do without IPv4, the client goes on asking now and then and is not answered. */
function ipv6Only(): Script {
  const lan = new Lan();
  const client = lan.client({ ttl: 64, parameters: [1, 3, 6, 108] });
  lan.dora(client, 1);
  lan.life(client, 6, 98);
  const xid = lan.discover(client, 100, 'first-discover');
  const options = [DHCP_OPTION.ipv6OnlyPreferred(300)];
  const given = { xid, yiaddr: LEASED, leaseSeconds: 120, options };
  lan.answer(100.004, lan.server, client, DHCP_TYPE.offer, given, 'offer-108');
  for (const at of [125, 140, 160]) lan.discover(client, at);
  for (const at of [135, 141, 147, 152]) lan.use(client, at, { mark: 'after-108' });
  return lan.chatter(END);
}

/** The client is gone; the access point answers ARP for it, with its MAC as sender. */
function accessPoint(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1);
  lan.life(client, 6, 60);
  for (let at = 70; at < 210; at += 9) {
    lan.script
      .at(at, () => lan.fileServer.arpRequest(LEASED))
      .at(at + 0.0021, () => client.host.arpReply(lan.fileServer, { sourceIp: LEASED }));
  }
  return lan.chatter(END);
}

/** Renewed once in sight; then the client is on another segment until behind the expiry, and renews there. */
function roams(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 0.994);
  lan.renewed(client, 61);
  lan.life(client, 6, 110);
  lan.life(client, 200, 400);
  return lan.chatter(410);
}

/** Five frames from the old address, then a DISCOVER that is answered with another address. */
function resumes(lan: Lan, at: number, address: string): void {
  const client = lan.client({ ttl: 128, hostName: 'LAPTOP' });
  lan.dora(client, 1);
  lan.life(client, 6, 50);
  lan.use(client, at, { mark: 'resume' });
  lan.nameQuery(client, at + 0.8, { mark: 'resume' });
  lan.use(client, at + 2, { mark: 'resume', arp: false });
  lan.nameQuery(client, at + 6.2, { mark: 'resume' });
  lan.dora(client, at + 8, { address, leaseSeconds: 3600, tag: 'fresh' });
  lan.life(client, at + 12, at + 40, { address, everySeconds: 6 });
}

function resumingLaptop(): Script {
  const lan = new Lan();
  resumes(lan, 180, LEASED_2);
  return lan.chatter(225);
}

/** `-i any` on a host: every frame of its own also shows under the MACs of the bridge and of a veth pair. */
function anyInterface(): Script {
  const lan = new Lan();
  const client = lan.client({ ttl: 64, hostName: 'DOCKERHOST' });
  lan.dora(client, 1);
  for (const at of [61.02, 121.04, 181.06]) lan.renewed(client, at);
  lan.life(client, 6, 210);
  // Two container networks that use the same addresses.
  const containers = ['02:42:ac:11:00:02', '02:42:0a:00:00:4d'].map(
    (mac, index) => new Host({ mac, ip: LEASED, firstIpId: 0x1000 * (index + 1) }),
  );
  for (const [index, container] of containers.entries()) {
    for (let at = 10 + index * 4; at < 210; at += 16) {
      const gateway = { mac: '02:42:5e:10:00:01', ip: '172.17.0.1' };
      lan.script.at(at, () => container.ping(gateway, Math.round(at)));
    }
  }
  lan.chatter(END);
  const copies = lan.script.timeline().flatMap((frame) => {
    if (!isFrom(frame, MAC_A)) return [frame];
    const under = (mac: string, micros: number): TimedFrame => ({
      ...frame,
      nanos: frame.nanos + micros * 1000,
      bytes: withSource(frame.bytes, mac),
      mark: null,
    });
    return [under('6e:31:0c:88:21:f4', -12), under('02:42:5e:10:00:01', -6), frame];
  });
  return Script.recorded(lan.script.interfaces, copies);
}

/** Taps before and behind a router, merged: copies 0.4 s later with other MACs and one hop less. */
function twoTaps(): Script {
  const lan = new Lan();
  const client = lan.client({ ttl: 128 });
  lan.dora(client, 1);
  for (const at of [61.02, 65, 73, 89]) lan.renew(client, at);
  for (const at of [106, 110]) lan.rebind(client, at);
  for (const at of [121.5, 125.5, 133.5]) lan.discover(client, at);
  lan.life(client, 6, 120);
  // The last frames of the grace, whose copies fall behind it.
  for (const at of [130.7, 130.8, 130.9, 131]) lan.use(client, at, { arp: false, answered: false });
  lan.chatter(END);
  const copies = lan.script.timeline().flatMap((frame) => {
    const routed = (frame.bytes[0] ?? 1) % 2 === 0 && frame.bytes[12] === 8 && frame.bytes[13] === 0;
    if (!routed) return [frame];
    const bytes = withoutHop(withSource(frame.bytes, lan.router.mac));
    bytes.set([0, 0xe0, 0x1e, 0x60, 0x42, 0xaa], 0);
    return [frame, { ...frame, bytes, nanos: frame.nanos + 400_000_000, mark: null }];
  });
  return Script.recorded(
    lan.script.interfaces,
    copies.toSorted((one, other) => one.nanos - other.nanos),
  );
}

/** The recording laptop itself sleeps for 20 min, from before T1 to behind expiry. */
function asleep(): Script {
  const lan = new Lan();
  const client = lan.client({ ttl: 128, hostName: 'LAPTOP' });
  lan.dora(client, 1, { leaseSeconds: 1200 });
  lan.life(client, 6, 494);
  lan.use(client, 1701, { mark: 'resume' });
  for (const at of [1702.1, 1704.5, 1707]) lan.nameQuery(client, at, { mark: 'resume' });
  lan.dora(client, 1709, { leaseSeconds: 1200, tag: 'fresh' });
  lan.life(client, 1714, 1790);
  return withGap(lan.chatter(1800), 500, 1700);
}

function isFrom(frame: TimedFrame, mac: string): boolean {
  return withSource(frame.bytes, mac).every((byte, index) => byte === frame.bytes[index]);
}

function withSource(frame: Uint8Array, mac: string): Uint8Array {
  const copy = frame.slice();
  copy.set(
    mac.split(':').map((part) => Number.parseInt(part, 16)),
    6,
  );
  return copy;
}

/** TTL less one; the checksum grows by 0100 (RFC 1141). */
function withoutHop(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  const ttlAt = 22;
  const sumAt = 24;
  copy[ttlAt] = (copy[ttlAt] ?? 1) - 1;
  const sum = (((copy[sumAt] ?? 0) << 8) | (copy[sumAt + 1] ?? 0)) + 0x0100;
  const folded = (sum & 0xffff) + (sum >>> 16);
  copy.set([folded >>> 8, folded & 0xff], sumAt);
  return copy;
}

export const lookAlikes: readonly Scenario[] = [
  silent('N11', 'the clock leaps an hour', undecided('clockStep'), clockJump),
  silent('N12', 'offered, then set by hand', NO_LEASE, offerOnly),
  silent('N13', 'two ACKs of two relays with different lease times', RUNNING, twoRelays),
  silent('N14', 'another MAC uses the address', CLEAR, staticHost),
  silent('N15', 'refused by a foreign server, stays', CLEAR, nakedAndStays),
  silent('N16', 'ordinary switch port, rebound unseen', RENEWALS_NOT_VISIBLE, switchPort),
  silent('N17', 'boot ROM and system on one MAC', CLEAR, twoIdentities),
  silent('N18', 'member of a link aggregate', RENEWALS_NOT_VISIBLE, aggregateMember),
  silent('N18-roams', 'away from before T1 to behind the expiry', RENEWALS_NOT_VISIBLE, roams),
  silent('N19-offered', 'DISCOVER answered by an OFFER', RUNNING, offered),
  silent('N19-chose', 'DISCOVER answered unseen', RENEWALS_NOT_VISIBLE, choseUnseen),
  silent('N19-rapid', 'Rapid Commit', RUNNING, rapidCommit),
  silent('N19-108', 'ended by option 108', CLEAR, ipv6Only),
  silent('N20-access-point', 'an access point answers ARP for an absent client', CLEAR, accessPoint),
  silent('N20-resume', 'five frames after a sleep, then asks', CLEAR, resumingLaptop),
  silent('N20-resume-stays', 'slept, and asks for nothing else', undecided('notVisible'), () =>
    usedLate(null),
  ),
  {
    ...silent('X1', 'one host under three MACs, containers with its address', RUNNING, anyInterface),
    encoding: { container: 'pcap', linkType: 'sll', localMacs: [MAC_A] },
  },
  silent('X2', 'two taps of one path', CLEAR, twoTaps),
  silent('X3', 'the recording laptop slept from T1 to expiry', RUNNING, asleep),
];
