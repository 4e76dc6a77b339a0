import { describe, expect, it } from 'vitest';
import { Connection, Host, Script } from '../../samples/craft/index.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { Connections, type ConnectionOptions } from '../../src/trackers/connections.ts';
import { Copies } from '../../src/trackers/copies.ts';
import { TupleFilter } from '../../src/trackers/tuple-filter.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { KIND_TCP, KIND_TCP_CONTROL } from '../../src/wire/packet.ts';
import { encode, ENCODINGS } from '../../samples/craft/index.ts';
import { rules } from '../../rules/index.ts';
import { CAPTURE, domainAt, newDomains, packetAt } from './packets.ts';
import { SERIES } from './series-options.ts';

const OPTIONS: ConnectionOptions = {
  ...SERIES,
  duplicateMillis: 5,
  timeWaitSeconds: 240,
  freshResetSeconds: 60,
  hangSeconds: 9.5,
};

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5', ttl: 128 });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1', ttl: 128 });

/** A tracker that takes frames one by one, as the engine shows them. */
class Bench {
  readonly domains = newDomains();
  readonly filter = new TupleFilter();
  readonly connections = new Connections(
    OPTIONS,
    this.filter,
    new Copies(CAPTURE, (index) => domainAt(this.domains, { domain: index } as never)),
    new Watches(),
    (index) => domainAt(this.domains, { domain: index } as never),
    () => 0,
  );

  show(time: number, frame: Uint8Array): this {
    const packet = packetAt(this.domains, frame, time);
    packet.seconds = Math.floor(time);
    packet.nanos = Math.round((time - Math.floor(time)) * 1e9);
    packet.number = Math.round(time * 1000) + 1;
    if (packet.kind === KIND_TCP_CONTROL) this.connections.control(packet);
    else if (packet.kind === KIND_TCP && this.filter.has(packet)) this.connections.segment(packet);
    return this;
  }

  /** A whole connection that the server closes first. */
  connect(time: number, port: number, isn: number): Connection {
    const tcp = new Connection(A, B, {
      clientPort: port,
      serverPort: 80,
      clientIsn: isn,
      serverIsn: isn + 7,
    });
    this.show(time, tcp.syn())
      .show(time + 0.001, tcp.synAck())
      .show(time + 0.002, tcp.ack('client'))
      .show(time + 0.1, tcp.data('client', 100))
      .show(time + 0.2, tcp.fin('server'))
      .show(time + 0.21, tcp.fin('client'))
      .show(time + 0.22, tcp.ack('server'));
    return tcp;
  }
}

describe('connections', () => {
  it('note a reuse below the old numbers, and nothing of one above', () => {
    const bench = new Bench();
    bench.connect(1, 1060, 500_000);
    const again = new Connection(A, B, {
      clientPort: 1060,
      serverPort: 80,
      clientIsn: 400_000,
      serverIsn: 9,
    });
    bench.show(20, again.syn());
    bench.connect(30, 1061, 600_000);
    bench.connect(60, 1061, 700_000);
    bench.connections.closeInterface(null);
    expect(bench.connections.reuses.kept.map(({ isn, back, old }) => [isn, back, old.close])).toEqual([
      [400_000, 100_101, 'whole'],
    ]);
    const client = bench.connections.series.list.find(({ role }) => role === 'client');
    expect([client?.samples, client?.reusesAccepted]).toEqual([4, 1]);
  });

  it('forget a tuple after TIME-WAIT and after a reset', () => {
    const bench = new Bench();
    const first = bench.connect(1, 1060, 500_000);
    bench.show(2, first.rst('client'));
    bench.connect(3, 1061, 500_900);
    const reopen = (port: number) =>
      new Connection(A, B, { clientPort: port, serverPort: 80, clientIsn: 1000, serverIsn: 9 }).syn();
    bench.show(20, reopen(1060)).show(245, reopen(1061));
    bench.connections.closeInterface(null);
    expect(bench.connections.reuses.kept).toEqual([]);
  });

  it('count no SYN twice that was sent or recorded twice', () => {
    const bench = new Bench();
    const tcp = new Connection(A, B, { clientPort: 1060, serverPort: 80, clientIsn: 5, serverIsn: 9 });
    const syn = tcp.syn();
    bench
      .show(1, syn)
      .show(1.00005, syn)
      .show(4, tcp.syn())
      .show(4.001, tcp.synAck())
      .show(4.002, tcp.synAck());
    bench.connections.closeInterface(null);
    expect(bench.connections.series.list.map(({ role, samples }) => [role, samples])).toEqual([
      ['client', 1],
      ['server', 1],
    ]);
  });

  it('leave nothing followed once connections are closed', () => {
    const bench = new Bench();
    for (let port = 2000; port < 2400; port += 1) bench.connect(port - 1999, port, port * 1000);
    const probe = packetAt(bench.domains, bench.connect(500, 3000, 5).ack('client'), 501);
    expect(bench.filter.has(probe)).toBe(false);
  });

  describe('with more attempts than they keep', () => {
    const ATTEMPTS = 12_000;
    const ROOM = 4096;

    /** SYNs of as many hosts that nobody answers; every one of them with `refused` is reset. */
    function crowd(bench: Bench, from: number, perSecond: number, refused = false): Bench {
      for (let number = 0; number < ATTEMPTS; number += 1) {
        const ip = `172.16.${number >>> 8}.${number & 0xff}` as const;
        const host = new Host({ mac: '00:10:4b:00:00:01', ip });
        const fields = { clientPort: 1024 + number, serverPort: 80, clientIsn: number, serverIsn: 0 };
        const flow = new Connection(host, B, fields);
        bench.show(from + number / perSecond, flow.syn());
        if (refused) bench.show(from + number / perSecond, flow.rst('server'));
      }
      return bench;
    }

    it.each([100, 2])('count those that others displaced, at %d a second', (perSecond) => {
      const { connections } = crowd(new Bench(), 1, perSecond);
      expect([...connections.unanswered()].length + connections.evictedSyns).toBe(ATTEMPTS);
      expect([...connections.unanswered()].length).toBeLessThanOrEqual(ROOM);
      expect([connections.evictedHosts, connections.evictedConnections]).toEqual([0, 0]);
    });

    it('count none that was refused', () => {
      expect(crowd(new Bench(), 1, 100, true).connections.evictedSyns).toBe(0);
    });

    it.each([
      ['sent again is a failed one', [20, 23], 1],
      ['sent once says nothing', [20], 0],
    ] as const)('an attempt on a closed tuple that is %s', (_, times, failed) => {
      const bench = new Bench();
      for (let port = 1060; port < 1064; port += 1) bench.connect(port - 1059, port, port * 1000);
      const fields = { clientPort: 1060, serverPort: 80, clientIsn: 2_000_000, serverIsn: 9 };
      for (const time of times) bench.show(time, new Connection(A, B, fields).syn());
      const { connections } = crowd(bench, 24, 100);
      const series = () => connections.series.list.find(({ role }) => role === 'client')?.failedAttempts;
      // Displaced once its host had given it up, or still there: the same in the end.
      connections.closeInterface(null);
      expect([series(), connections.evictedHosts]).toEqual([failed, 0]);
    });

    it('count as hosts those whose attempts on closed tuples were displaced too early', () => {
      const bench = new Bench();
      const reopened = (port: number) =>
        new Connection(A, B, {
          clientPort: port,
          serverPort: 80,
          clientIsn: port * 1000 + 5000,
          serverIsn: 9,
        });
      for (let port = 2000; port < 8000; port += 1) bench.connect((port - 2000) / 1000, port, port * 1000);
      for (let port = 2000; port < 8000; port += 1) bench.show(20 + port / 1e6, reopened(port).syn());
      const { connections } = bench;
      expect([...connections.unanswered()].length + connections.evictedHosts).toBe(6000);
      expect(connections.evictedHosts).toBe(connections.evictedSyns);
    });
  });

  it('stay small in a flood, and find the fault beside it', async () => {
    const script = new Script();
    const tcp = (port: number, isn: number) =>
      new Connection(A, B, { clientPort: port, serverPort: 80, clientIsn: isn, serverIsn: 9 });
    for (let at = 0; at < 20_000; at += 1) {
      const flooder = new Host({ mac: '00:10:4b:00:00:01', ip: `172.16.${at >>> 8}.${at & 0xff}` });
      const flow = new Connection(flooder, B, {
        clientPort: 1024 + (at % 60_000),
        serverPort: 80,
        clientIsn: at,
        serverIsn: 0,
      });
      script.at(1 + at / 4000, flow.syn());
    }
    for (let at = 0; at < 12; at += 1) {
      const flow = tcp(1100 + at, 100_000 + at * 20_000 - (at === 6 ? 30_000 : 0));
      script.at(1.3 + at * 0.3, flow.syn()).at(1.3005 + at * 0.3, flow.synAck());
    }
    const bytes = encode(script, ENCODINGS.pcap);
    const result = await analyze([{ bytes, path: 'flood.pcap' }], { rules });
    const finding = result.findings.find(({ article }) => article === 'Q228811');
    expect(finding?.subject).toBe('10.0.0.5');
    expect(result.health.evictions['floodedSyns']).toBeGreaterThan(10_000);
    // What was not looked at stands in the verdict, too.
    const verdict = result.verdicts.find(({ article }) => article === 'Q228811');
    expect(verdict?.notExamined['floodedSyns']).toBe(result.health.evictions['floodedSyns']);
  });
});
