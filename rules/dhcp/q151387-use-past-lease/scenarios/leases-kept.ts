/** N1 to N10: leases without an end, kept in order, given back or moved; and clients that fall silent. */
import {
  Connection,
  DHCP_OPTION,
  DHCP_TYPE,
  Host,
  ascii,
  bootp,
  concat,
  dhcp,
  u32,
} from '../../../../samples/craft/index.ts';
import type { DhcpOption, Scenario, Script } from '../../../../samples/craft/index.ts';
import { CLEAR, NO_LEASE, RUNNING, silent, undecided } from './expectations.ts';
import { LEASED, LEASED_2, Lan, MAC_A, MAC_B } from './lan.ts';
import type { Client } from './lan.ts';
import { overuse } from './overuse.ts';

const END = 215;

function infinite(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1, { leaseSeconds: 0xffffffff });
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

/** Two minutes, made endless by the renewal at T1. */
function madeInfinite(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1);
  lan.renewed(client, 61.02, { leaseSeconds: 0xffffffff });
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

function bootProtocol(): Script {
  const lan = new Lan();
  const client = lan.client();
  const everybody = { mac: 'ff:ff:ff:ff:ff:ff', ip: '255.255.255.255' };
  const message = { xid: 0xb0070001, chaddr: MAC_A };
  lan.script.at(1, () =>
    client.host.udp(everybody, 68, 67, bootp({ ...message, operation: 1 }), { sourceIp: '0.0.0.0' }),
  );
  lan.script.at(1.004, () =>
    lan.server.udp({ mac: MAC_A, ip: LEASED }, 67, 68, bootp({ ...message, operation: 2, yiaddr: LEASED })),
  );
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

/** A host with a static address asks for parameters only; the server's ACK carries neither 51 nor yiaddr. */
function inform(): Script {
  const lan = new Lan();
  const client = lan.client();
  const xid = lan.nextXid();
  lan.say(1, client, DHCP_TYPE.inform, { xid, ciaddr: LEASED }, 'inform');
  lan.answer(1.004, lan.server, client, DHCP_TYPE.ack, { xid, ciaddr: LEASED }, 'inform-ack');
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

/** As `inform`, with a server that puts an address and a lease into the ACK all the same. */
function informAsLease(): Script {
  const lan = new Lan();
  const client = lan.client();
  for (const number of [1, 2]) {
    const address = `10.0.0.${130 + number}`;
    lan.dora(lan.crowd(number), number, { address });
    for (const at of [61, 121, 181]) lan.renewed(lan.crowd(number), at + number, { address });
  }
  const xid = lan.nextXid();
  lan.say(10, client, DHCP_TYPE.inform, { xid, ciaddr: LEASED }, 'inform');
  const given = { xid, ciaddr: LEASED, yiaddr: LEASED, leaseSeconds: 100 };
  lan.answer(10.004, lan.server, client, DHCP_TYPE.ack, given, 'inform-ack');
  lan.life(client, 16, 210);
  return lan.chatter(END);
}

function renewedInTime(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1);
  for (const at of [61.02, 121.04, 181.06]) lan.renewed(client, at);
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

/** The first server is gone; the second answers the broadcast at T2. */
function reboundElsewhere(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1);
  for (const at of [61.02, 65, 73, 89]) lan.renew(client, at);
  lan.renewed(client, 106.02, { server: lan.secondServer, broadcast: true });
  lan.renewed(client, 166.04, { server: lan.secondServer });
  lan.life(client, 6, 210);
  return lan.chatter(END);
}

/** 240 s, cut to 60 s by the renewal at T1; the client stops when those are over. */
function shortened(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1, { leaseSeconds: 240 });
  lan.renewed(client, 121.02, { leaseSeconds: 60 });
  for (const at of [151.04, 155]) lan.renew(client, at);
  for (const at of [173.6, 177]) lan.rebind(client, at);
  for (const at of [181.5, 185.5, 193.5]) lan.discover(client, at);
  lan.life(client, 6, 178);
  return lan.chatter(230);
}

/** 60 s, made 300 s by the renewal at T1; used past the first end, not past the second. */
function lengthened(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1, { leaseSeconds: 60 });
  lan.renewed(client, 31.02, { leaseSeconds: 300 });
  for (const at of [181.1, 185, 193]) lan.renew(client, at);
  for (const at of [293.6, 297]) lan.rebind(client, at);
  lan.discover(client, 331.5);
  lan.life(client, 6, 325);
  return lan.chatter(380);
}

function release(lan: Lan, client: Client, at: number): void {
  const fields = { xid: lan.nextXid(), ciaddr: LEASED, serverIdentifier: lan.server.ip, to: lan.server };
  lan.say(at, client, DHCP_TYPE.release, fields, 'release');
}

/** Given back at 40, leased to another at 60. With `later`, the first client goes on: a fact, but not this rule's. */
function released(later: boolean): Script {
  const lan = new Lan();
  const first = lan.client();
  lan.dora(first, 1);
  lan.life(first, 6, 39);
  release(lan, first, 40);
  if (later) {
    for (const at of [135, 141, 150, 171]) lan.use(first, at, { mark: 'after-release' });
    return lan.chatter(END);
  }
  const second = lan.client({ mac: MAC_B, hostName: 'WFW-PC2' });
  lan.dora(second, 60, { tag: 'second' });
  lan.renewed(second, 120.02, { tag: 'second' });
  lan.life(second, 66, 210);
  return lan.chatter(END);
}

/** The client reboots, is refused its address and moves; another client gets the old one. */
function refusedAtBoot(): Script {
  const lan = new Lan();
  const first = lan.client();
  const second = lan.client({ mac: MAC_B, hostName: 'WFW-PC2' });
  lan.dora(first, 1);
  lan.life(first, 6, 28);
  const xid = lan.nextXid();
  lan.say(40, first, DHCP_TYPE.request, { xid, requestedAddress: LEASED }, 'init-reboot');
  lan.answer(40.005, lan.server, first, DHCP_TYPE.nak, { xid, to: 'broadcast' }, 'nak');
  lan.dora(first, 42, { address: LEASED_2, tag: 'moved' });
  for (const at of [102.02, 162.04]) lan.renewed(first, at, { address: LEASED_2, tag: 'moved' });
  lan.life(first, 46, 210, { address: LEASED_2 });
  lan.dora(second, 60, { tag: 'second' });
  for (const at of [120.02, 180.04]) lan.renewed(second, at, { tag: 'second' });
  lan.life(second, 66, 210);
  return lan.chatter(END);
}

/** The address is in use; the client declines it (NT leaves option 61 out) and takes another. */
function declined(): Script {
  const lan = new Lan();
  const client = lan.client();
  const owner = new Host({ mac: '00:40:05:6a:90:31', ip: LEASED, ttl: 64, firstIpId: 0x2100 });
  lan.dora(client, 1);
  lan.script
    .at(1.1, () => client.host.probe(LEASED))
    .at(1.1004, () => owner.arpReply({ mac: MAC_A, ip: '0.0.0.0' }));
  const decline = { xid: lan.nextXid(), requestedAddress: LEASED, serverIdentifier: lan.server.ip };
  lan.say(1.2, { ...client, clientId: null }, DHCP_TYPE.decline, decline, 'decline');
  lan.dora(client, 11.5, { address: LEASED_2, tag: 'other' });
  for (const at of [71.52, 131.54, 191.56]) lan.renewed(client, at, { address: LEASED_2, tag: 'other' });
  lan.life(client, 16, 210, { address: LEASED_2 });
  const station = { mac: owner.mac, ip: LEASED };
  for (let at = 20; at < 210; at += 9) {
    lan.script
      .at(at, () => owner.ping(lan.fileServer, Math.round(at)))
      .at(at + 0.0006, () => lan.fileServer.pong(station, Math.round(at)));
  }
  return lan.chatter(END);
}

/** The tap is on the servers' side of a router that relays: the client's frames carry the router's MAC. */
function relayed(): Script {
  const lan = new Lan();
  const remote: Client = lan.client({ mac: '00:60:8c:2a:55:05', hostName: 'WFW-FAR' });
  const address = '10.0.7.77';
  const giaddr = '10.0.7.254';
  const relay = { mac: lan.router.mac, ip: giaddr };
  const xid = lan.nextXid();
  const message = { operation: 1, xid, hops: 1, giaddr, chaddr: remote.host.mac, htype: 1 } as const;
  const toServer = (type: number, more: readonly DhcpOption[]): Uint8Array =>
    lan.router.udp(lan.server, 67, 67, dhcpMessage(message, type, more), { sourceIp: giaddr });
  const given = {
    xid,
    giaddr,
    hops: 1,
    yiaddr: address,
    chaddr: remote.host.mac,
    leaseSeconds: 120,
    to: relay,
  };
  lan.script
    .at(1, () => toServer(DHCP_TYPE.discover, []))
    .at(1.003, () => lan.server.dhcpServer(DHCP_TYPE.offer, given), { mark: 'offer' })
    .at(
      1.006,
      () =>
        toServer(DHCP_TYPE.request, [
          DHCP_OPTION.requestedAddress(address),
          DHCP_OPTION.serverIdentifier(lan.server.ip),
        ]),
      { mark: 'request' },
    )
    .at(1.01, () => lan.server.dhcpServer(DHCP_TYPE.ack, given), { mark: 'ack' });
  const routed = { sourceMac: lan.router.mac, sourceIp: address, ttl: 31 };
  const back = { mac: lan.router.mac, ip: address };
  for (let at = 6; at < 210; at += 11) {
    lan.script
      .at(at, () => remote.host.ping(lan.fileServer, Math.round(at), routed))
      .at(at + 0.0007, () => lan.fileServer.pong(back, Math.round(at)));
  }
  return lan.chatter(END);
}

function dhcpMessage(
  fields: Parameters<typeof bootp>[0],
  type: number,
  more: readonly DhcpOption[],
): Uint8Array {
  return dhcp({ ...fields, options: [DHCP_OPTION.messageType(type), ...more] });
}

/** Asks in vain, stops at expiry, and goes on under an address of its own choice. */
function selfAssigned(): Script {
  const { lan, client } = overuse({ uses: [], quiet: true });
  const own = '169.254.130.77';
  for (const at of [152, 153, 154]) lan.script.at(at, () => client.host.probe(own));
  for (const at of [156, 158]) lan.script.at(at, () => client.host.announce({ sourceIp: own }));
  for (let at = 160; at < 210; at += 12) lan.nameQuery(client, at, { address: own });
  return lan.chatter(END);
}

/** The last close of a connection falls behind the grace; nothing else is sent. */
function closing(): Script {
  const { lan, client } = overuse({ uses: [], quiet: true });
  const session = new Connection(client.host, lan.fileServer, {
    clientPort: 1055,
    serverPort: 139,
    clientIsn: 0x0009_1100,
    serverIsn: 0x00a1_7000,
  });
  lan.script
    .at(60, () => session.syn())
    .at(60.0006, () => session.synAck())
    .at(60.0012, () => session.ack('client'))
    .at(60.003, () => session.data('client', 120))
    .at(60.01, () => session.data('server', 300))
    .at(60.2, () => session.ack('client'))
    .at(134, () => session.fin('server'))
    .at(134.0006, () => session.ack('client'), { mark: 'tail' })
    .at(134.5, () => session.fin('client'), { mark: 'tail' })
    .at(134.5006, () => session.ack('server'))
    .at(140, () => session.rst('client'), { mark: 'tail' })
    .at(141.5, () => session.rst('client'), { mark: 'tail' });
  return lan.chatter(END);
}

/** A dial-in server leases for its callers: chaddr 52:41:53, client id "RAS ", and its own MAC on every frame. */
function dialIn(): Script {
  const lan = new Lan();
  const ras = new Host({ mac: '00:a0:c9:51:38:66', ip: '10.0.0.66', ttl: 128, ipIdStyle: 'swapped' });
  const identity = concat(ascii('RAS '), u32(0x90dae6d0), u32(0x9fd4bc01), u32(0x01000000));
  const pool: Client = {
    host: new Host({ mac: '52:41:53:20:90:da', ip: LEASED, ttl: 128 }),
    clientId: identity,
    hostName: 'RASSRV1',
  };
  const sender: Client = { ...pool, host: ras };
  const xid = lan.nextXid();
  const asked = { xid, chaddr: pool.host.mac, htype: 8 };
  const given = { xid, yiaddr: LEASED, leaseSeconds: 120, to: 'broadcast', htype: 8 } as const;
  lan.say(1, sender, DHCP_TYPE.discover, asked, 'first-discover');
  lan.answer(1.003, lan.server, pool, DHCP_TYPE.offer, given, 'offer');
  const chosen = { ...asked, requestedAddress: LEASED, serverIdentifier: lan.server.ip };
  lan.say(1.006, sender, DHCP_TYPE.request, chosen, 'request');
  lan.answer(1.01, lan.server, pool, DHCP_TYPE.ack, given, 'ack');
  const station = { mac: ras.mac, ip: LEASED };
  for (let at = 6; at < 210; at += 11) {
    lan.script
      .at(at, () => ras.ping(lan.fileServer, Math.round(at), { sourceIp: LEASED, ttl: 31 }))
      .at(at + 0.0007, () => lan.fileServer.pong(station, Math.round(at)));
  }
  return lan.chatter(END);
}

/** The laptop comes back under a random MAC and identity, and gets its old address as a new client. */
function randomised(): Script {
  const lan = new Lan();
  const before = lan.client({ mac: MAC_A, hostName: 'LAPTOP', ttl: 64 });
  const after = lan.client({ mac: '5a:0f:31:c4:9e:10', hostName: 'LAPTOP', ttl: 64 });
  lan.dora(before, 1);
  lan.renewed(before, 61.02);
  lan.life(before, 6, 100);
  lan.dora(after, 186, { tag: 'second' });
  lan.life(after, 192, 265, { everySeconds: 6 });
  return lan.chatter(270);
}

export const leasesKept: readonly Scenario[] = [
  silent('N1-infinite', 'a lease without an end', NO_LEASE, infinite),
  silent('N1-made-infinite', 'renewed without an end', RUNNING, madeInfinite),
  silent('N1-bootp', 'BOOTP', NO_LEASE, bootProtocol),
  silent('N1-inform', 'INFORM and its ACK', NO_LEASE, inform),
  silent('N1-inform-lease', 'INFORM, and an ACK with address and lease time', RUNNING, informAsLease),
  silent('N2-renewed', 'renewed at T1, three times', RUNNING, renewedInTime),
  silent('N2-rebound', 'rebound by another server', RUNNING, reboundElsewhere),
  silent('N2-shortened', 'shortened by a renewal, then honoured', CLEAR, shortened),
  silent('N2-lengthened', 'lengthened by a renewal, then honoured', CLEAR, lengthened),
  silent('N3-released', 'given back and leased to another', CLEAR, () => released(false)),
  silent('N3-released-used', 'given back and used all the same', CLEAR, () => released(true)),
  silent('N3-naked', 'refused at a reboot, moved, re-leased to another', CLEAR, refusedAtBoot),
  silent('N4', 'declined after an ARP conflict', CLEAR, declined),
  silent('N5', 'relayed, seen behind the router', undecided('notVisible'), relayed),
  silent('N6', 'stops at expiry, assigns itself an address', CLEAR, selfAssigned),
  silent('N7', 'used for 9 s of grace', CLEAR, () => overuse({ uses: [1, 4, 7, 9] }).lan.script),
  silent('N8', 'a connection closes behind the grace', CLEAR, closing),
  silent('N9', 'addresses of a dial-in server', undecided('notVisible'), dialIn),
  silent('N10', 'randomised MAC', CLEAR, randomised),
];
