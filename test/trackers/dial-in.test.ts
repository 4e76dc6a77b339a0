/** Dial-in as the tracker keeps it: control connections in pieces, sessions by their accounting, servers and their pools. */
import { describe, expect, it } from 'vitest';
import * as craft from '../../samples/craft/index.ts';
import { Copies } from '../../src/trackers/copies.ts';
import { DialInTracker } from '../../src/trackers/dial-in.ts';
import type { PoolHistory } from '../../src/trackers/dial-in-pool.ts';
import type { Domain } from '../../src/trackers/domains.ts';
import { TupleFilter } from '../../src/trackers/tuple-filter.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { formatIpv4 } from '../../src/wire/ipv4.ts';
import { CAPTURE, newDomains, packetAt } from './packets.ts';

const { addressed, concat, controlPacket, IPCP_OPTION, LCP_OPTION, ppp, PPP_CODE, PPP_PROTOCOL, PPTP } =
  craft;
const OPTIONS = {
  ...{ serverLinks: 2, terminateSeconds: 3, echoMisses: 3, softReleaseSeconds: 120, ipcpRequests: 3 },
  ...{ lanProxied: 2, lanMaxProxied: 64 },
};

/** A tracker, and what the engine does for it. */
class Bench {
  readonly domains = newDomains();
  readonly filter = new TupleFilter();
  readonly copies = new Copies(CAPTURE, (index) => this.domains.list[index] as Domain);
  readonly tracker = new DialInTracker(
    OPTIONS,
    (index) => this.domains.list[index] as Domain,
    this.filter,
    new Watches(),
  );

  /** A packet that may carry PPP or RADIUS; answers true if it was taken in. */
  shows(time: number, frame: Uint8Array): boolean {
    const packet = packetAt(this.domains, frame, time);
    const isTaken = this.tracker.read(packet);
    if (isTaken) this.tracker.take(packet);
    this.domains.list[packet.domain]?.liveness.tick(packet);
    return isTaken;
  }

  tcp(time: number, frame: Uint8Array, isControl = false): void {
    const packet = packetAt(this.domains, frame, time);
    if (isControl) this.tracker.tcpControl(packet, this.copies);
    else if (this.filter.has(packet)) this.tracker.segment(packet);
    this.domains.list[packet.domain]?.liveness.tick(packet);
  }

  end(): { readonly ppp: PoolHistory[]; readonly radius: PoolHistory[] } {
    this.tracker.finish();
    return this.tracker.pools();
  }
}

const client = new craft.Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const server = new craft.Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });

function gre(from: 'client' | 'server', callId: number, protocol: number, packet: Uint8Array): Uint8Array {
  const [source, target] = from === 'client' ? [client, server] : [server, client];
  const payload = craft.enhancedGre({ callId, sequence: 1, payload: addressed(ppp(protocol, packet)) });
  return source.ipFrame(target.mac, source.datagram(target.ip, craft.PROTOCOL.gre, payload));
}

/** A call over GRE: LCP, then IPCP up to the address. The client's packets carry 7, the server's 9. */
function assign(bench: Bench, at: number, address: string, ids = { server: 9, client: 7 }): void {
  const { configureAck, configureNak, configureRequest } = PPP_CODE;
  const lines: ReadonlyArray<readonly ['client' | 'server', number, Uint8Array]> = [
    ['client', PPP_PROTOCOL.lcp, controlPacket(configureRequest, 1, [LCP_OPTION.magic(at * 1000 + 1)])],
    ['server', PPP_PROTOCOL.ipcp, controlPacket(configureRequest, 1, [IPCP_OPTION.address('10.1.0.1')])],
    ['client', PPP_PROTOCOL.ipcp, controlPacket(configureRequest, 2, [IPCP_OPTION.address('0.0.0.0')])],
    ['server', PPP_PROTOCOL.ipcp, controlPacket(configureNak, 2, [IPCP_OPTION.address(address)])],
    ['client', PPP_PROTOCOL.ipcp, controlPacket(configureRequest, 3, [IPCP_OPTION.address(address)])],
    ['server', PPP_PROTOCOL.ipcp, controlPacket(configureAck, 3, [IPCP_OPTION.address(address)])],
  ];
  for (const [index, [from, protocol, packet]] of lines.entries()) {
    const id = from === 'client' ? ids.client : ids.server;
    expect(bench.shows(at + index * 0.01, gre(from, id, protocol, packet))).toBe(true);
  }
}

/** Address, time and end of every assignment, and whether the end is proven. */
function assignmentsOf(pool: PoolHistory | undefined): unknown[] {
  return (pool?.assignments ?? []).map(({ address, time, until, isHard }) => [
    formatIpv4(address),
    Math.round(time),
    Number.isNaN(until) ? null : Math.round(until * 100) / 100,
    isHard,
  ]);
}

describe('PPTP', () => {
  const session = (): craft.Connection =>
    new craft.Connection(client, server, { clientPort: 1050, serverPort: 1723, clientIsn: 5, serverIsn: 9 });

  /** Handshake, and the call set up by these segments. */
  function connected(bench: Bench, pieces: (connection: craft.Connection) => void): craft.Connection {
    const connection = session();
    for (const frame of [connection.syn(), connection.synAck(), connection.ack('client')])
      bench.tcp(0.1, frame, true);
    pieces(connection);
    return connection;
  }

  it.each([
    ['in one piece each', (parts: Uint8Array[]) => parts],
    ['in pieces', (parts: Uint8Array[]) => parts.flatMap((part) => [part.subarray(0, 5), part.subarray(5)])],
  ])('finds the server by the control connection, %s', (_name, cut) => {
    const bench = new Bench();
    const connection = connected(bench, (made) => {
      for (const part of cut([PPTP.outgoingCallRequest(9, 1)])) bench.tcp(0.2, made.data('client', part));
      for (const part of cut([PPTP.outgoingCallReply(7, 9)])) bench.tcp(0.3, made.data('server', part));
    });
    assign(bench, 1, '10.1.0.5');
    bench.tcp(30, connection.data('client', PPTP.callClearRequest(9)));
    const [pool] = bench.end().ppp;
    expect([pool?.name, pool?.kind]).toEqual(['10.0.0.1', 'tunnel']);
    expect(assignmentsOf(pool)).toEqual([['10.1.0.5', 1, 30, true]]);
  });

  it('goes on with a control connection that is shown once more, from the answer to its SYN on', () => {
    const bench = new Bench();
    const connection = session();
    const [syn, synAck] = [connection.syn(), connection.synAck()];
    const request = connection.data('client', PPTP.outgoingCallRequest(9, 1));
    const reply = connection.data('server', PPTP.outgoingCallReply(7, 9));
    for (const frame of [syn, synAck]) bench.tcp(0.1, frame, true);
    for (const frame of [request, reply]) bench.tcp(0.2, frame);
    assign(bench, 1, '10.1.0.5');
    // Sent again, it is another packet.
    const repeated = craft.concat(synAck);
    repeated[19] = (synAck[19] as number) ^ 1;
    bench.tcp(2.1, repeated, true);
    for (const frame of [request, reply]) bench.tcp(2.2, frame);
    bench.tcp(30, connection.data('client', PPTP.callClearRequest(9)));
    expect(assignmentsOf(bench.end().ppp[0])).toEqual([['10.1.0.5', 1, 30, true]]);
  });

  it('begins anew with a server that gives every connection the same number', () => {
    const bench = new Bench();
    for (const [start, address, ids] of [
      [0.1, '10.1.0.5', { server: 9, client: 7 }],
      [100, '10.1.0.6', { server: 10, client: 8 }],
    ] as const) {
      const connection = session();
      for (const frame of [connection.syn(), connection.synAck()]) bench.tcp(start, frame, true);
      bench.tcp(start + 0.1, connection.data('client', PPTP.outgoingCallRequest(ids.server, 1)));
      bench.tcp(start + 0.2, connection.data('server', PPTP.outgoingCallReply(ids.client, ids.server)));
      assign(bench, Math.ceil(start) + 1, address, ids);
      bench.tcp(start + 30, connection.data('client', PPTP.callClearRequest(ids.server)));
    }
    expect(assignmentsOf(bench.end().ppp[0]).at(-1)).toEqual(['10.1.0.6', 101, 130, true]);
  });

  it('goes on with a control connection when a second tap shows the end of the one before', () => {
    const bench = new Bench();
    const fin = session().fin('client');
    bench.tcp(0.05, fin, true);
    const connection = connected(bench, (made) => {
      bench.tcp(0.2, made.data('client', PPTP.outgoingCallRequest(9, 1)));
      bench.tcp(0.3, made.data('server', PPTP.outgoingCallReply(7, 9)));
    });
    bench.tcp(0.35, fin, true);
    assign(bench, 1, '10.1.0.5');
    bench.tcp(30, connection.data('client', PPTP.callClearRequest(9)));
    expect(assignmentsOf(bench.end().ppp[0])).toEqual([['10.1.0.5', 1, 30, true]]);
  });

  it('reads on behind a gap, with the next segment that begins a message', () => {
    const bench = new Bench();
    connected(bench, (made) => {
      made.data('client', PPTP.startRequest('x'));
      bench.tcp(0.2, made.data('client', PPTP.outgoingCallRequest(9, 1)));
      made.data('server', PPTP.startReply('y'));
      bench.tcp(0.3, made.data('server', PPTP.outgoingCallReply(7, 9)));
    });
    assign(bench, 1, '10.1.0.5');
    expect(bench.end().ppp.map(({ name }) => name)).toEqual(['10.0.0.1']);
  });

  it('needs two calls where only IPCP tells who the server is', () => {
    const bench = new Bench();
    assign(bench, 1, '10.1.0.5');
    expect(bench.end().ppp).toEqual([]);
    assign(bench, 10, '10.1.0.6', { server: 19, client: 17 });
    expect(bench.end().ppp.map(({ name }) => name)).toEqual(['10.0.0.1']);
  });
});

describe('a call', () => {
  const after = (continued: (bench: Bench) => void): unknown[] => {
    const bench = new Bench();
    assign(bench, 1, '10.1.0.5');
    assign(bench, 2, '10.1.0.6', { server: 19, client: 17 });
    continued(bench);
    return assignmentsOf(bench.end().ppp[0]);
  };
  const lcp = (bench: Bench, at: number, from: 'client' | 'server', packet: Uint8Array): boolean =>
    bench.shows(at, gre(from, from === 'client' ? 7 : 9, PPP_PROTOCOL.lcp, packet));
  const other = ['10.1.0.6', 2, null, false];

  it('ends with its Terminate-Ack', () => {
    expect(
      after((bench) => {
        lcp(bench, 20, 'client', controlPacket(PPP_CODE.terminateRequest, 8));
        lcp(bench, 20.5, 'server', controlPacket(PPP_CODE.terminateAck, 8));
      }),
    ).toEqual([['10.1.0.5', 1, 20.5, true], other]);
  });

  it('ends three seconds after a Terminate-Request, if the capture goes on for so long', () => {
    const request = controlPacket(PPP_CODE.terminateRequest, 8);
    const until = (last: number): unknown =>
      after((bench) => {
        lcp(bench, 20, 'client', request);
        bench.shows(last, server.ping(client, 1));
      })[0];
    expect(until(22.9)).toEqual(['10.1.0.5', 1, null, false]);
    expect(until(23.1)).toEqual(['10.1.0.5', 1, 23, true]);
  });

  it('ends with the next one on the same link, known by its magic number', () => {
    const request = (magic: number): Uint8Array =>
      controlPacket(PPP_CODE.configureRequest, 9, [LCP_OPTION.magic(magic)]);
    expect(after((bench) => lcp(bench, 40, 'client', request(77)))).toEqual([
      ['10.1.0.5', 1, 40, true],
      other,
    ]);
    // The same number: the same peer, who negotiates once more.
    expect(after((bench) => lcp(bench, 40, 'client', request(1001)))).toEqual([
      ['10.1.0.5', 1, null, false],
      other,
    ]);
  });

  it('gives an address back when another takes its place', () => {
    const ack = controlPacket(PPP_CODE.configureAck, 9, [IPCP_OPTION.address('10.1.0.9')]);
    expect(after((bench) => bench.shows(30, gre('server', 9, PPP_PROTOCOL.ipcp, ack)))).toEqual([
      ['10.1.0.5', 1, 30, true],
      other,
      ['10.1.0.9', 30, null, false],
    ]);
  });
});

describe('RADIUS accounting', () => {
  const { RADIUS_ATTRIBUTE: A, RADIUS_CODE } = craft;
  const authority = new craft.Host({ mac: '00:a0:c9:11:22:99', ip: '10.0.0.9' });
  let identifier = 0;

  function account(
    bench: Bench,
    at: number,
    status: number,
    session: string,
    details: readonly Uint8Array[],
  ): void {
    identifier = (identifier + 1) & 0xff;
    const attributes = [
      A.userName('anna'),
      A.nasAddress('10.0.0.1'),
      A.framedProtocol(1),
      A.nasPortType(craft.NAS_PORT_TYPE.async),
      A.statusType(status),
      ...(session === '' ? [] : [A.sessionId(session)]),
      ...details,
    ];
    const message = craft.radius({ code: RADIUS_CODE.accountingRequest, identifier, attributes });
    expect(bench.shows(at, server.udp(authority, 1025, 1813, message))).toBe(true);
  }
  const { start, stop, interim, off } = craft.ACCOUNTING_STATUS;
  const at = (address: string): Uint8Array => A.framedAddress(address);

  it('follows sessions by their number, which may come again', () => {
    const bench = new Bench();
    account(bench, 1, start, '01', [at('10.1.0.5')]);
    account(bench, 50, stop, '01', [at('10.1.0.5'), A.sessionTime(49)]);
    account(bench, 52, start, '01', [at('10.1.0.5')]);
    account(bench, 90, start, '01', [at('10.1.0.6')]);
    expect(assignmentsOf(bench.end().radius[0])).toEqual([
      ['10.1.0.5', 1, 50, true],
      ['10.1.0.6', 90, null, false],
    ]);
  });

  it('ends all sessions of a server that is switched off, and takes away the delay', () => {
    const bench = new Bench();
    account(bench, 1, start, '01', [at('10.1.0.5')]);
    account(bench, 30, start, '02', [at('10.1.0.6'), A.delay(10)]);
    account(bench, 60, off, '', []);
    expect(assignmentsOf(bench.end().radius[0])).toEqual([
      ['10.1.0.5', 1, 60, true],
      ['10.1.0.6', 20, 60, true],
    ]);
  });

  it('knows sessions whose beginning was not seen', () => {
    const bench = new Bench();
    account(bench, 1, interim, '01', [at('10.1.0.5')]);
    account(bench, 100, stop, '02', [at('10.1.0.6'), A.sessionTime(40)]);
    account(bench, 110, stop, '03', [at('10.1.0.7'), A.sessionTime(4000)]);
    const [pool] = bench.end().radius;
    expect(assignmentsOf(pool)).toEqual([
      ['10.1.0.5', 1, null, false],
      ['10.1.0.6', 60, 100, true],
    ]);
    expect(pool?.upAtStart).toEqual([Number.NaN, 110]);
  });

  it('leaves other ports alone', () => {
    const bench = new Bench();
    const answer = server.udp(authority, 1813, 53, concat(new Uint8Array(40)));
    expect(bench.shows(1, answer)).toBe(false);
  });
});
