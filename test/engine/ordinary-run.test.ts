/** A run of ordinary packets does what taking them one by one does, on healthy, faulty, flooded and damaged captures. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { overuse } from '../../rules/dhcp/q151387-use-past-lease/scenarios/overuse.ts';
import {
  concat,
  Connection,
  encode,
  ENCODINGS,
  Host,
  Random,
  Script,
  tcp,
  udp,
  ipv4,
  ethernet,
  ETHERTYPE,
  PROTOCOL,
  TCP_FLAG,
} from '../../samples/craft/index.ts';
import { expectEqualInRuns } from './equal-in-runs.ts';

/** Connections side by side, thousands of segments a second, with segments that the capture lost. */
function busyLan(seed: number): Script {
  const random = new Random(seed);
  const script = new Script();
  const server = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });
  for (let client = 0; client < 12; client += 1) {
    const host = new Host({
      mac: `00:a0:c9:11:22:${(16 + client).toString(16)}`,
      ip: `10.0.0.${20 + client}`,
    });
    for (let connection = 0; connection < 3; connection += 1) {
      const segments = new Connection(host, server, {
        clientPort: 1024 + client * 8 + connection,
        serverPort: connection === 0 ? 1723 : 80,
        clientIsn: random.integer(0, 2 ** 31 - 1),
        serverIsn: random.integer(0, 2 ** 31 - 1),
      });
      let at = random.integer(0, 1000 - 1) / 1000;
      const add = (frame: Uint8Array) => {
        at += 0.0001 + random.integer(0, 40 - 1) / 1000;
        if (random.integer(0, 60 - 1) > 0) script.at(at, frame);
      };
      add(segments.syn());
      add(segments.synAck());
      add(segments.ack('client'));
      for (let data = 0; data < 40; data += 1) {
        add(segments.data('client', 20));
        add(segments.data('server', 400));
      }
      add(segments.fin('client'));
      add(segments.fin('server'));
      add(segments.ack('client'));
    }
  }
  addDatagrams(script, random);
  return script;
}

/** The ports of what is told from ordinary UDP by them, and others. */
const UDP_PORTS = [53, 67, 68, 161, 1645, 1701, 1717, 1812, 1813, 2504, 4789, 6081, 8472, 40_000];

function addDatagrams(script: Script, random: Random): void {
  for (let count = 0; count < 400; count += 1) {
    const source = `10.0.0.${20 + random.integer(0, 11)}`;
    const payload = udp({
      source,
      destination: '10.0.0.1',
      sourcePort: random.pick(UDP_PORTS),
      destinationPort: random.pick(UDP_PORTS),
      payload: new Uint8Array(random.integer(0, 40)),
    });
    const datagram = ipv4({ source, destination: '10.0.0.1', id: count, protocol: PROTOCOL.udp, payload });
    const addresses = { source: '00:a0:c9:11:22:10', destination: '00:80:c7:44:55:66' };
    script.at(random.between(0, 2), ethernet({ ...addresses, type: ETHERTYPE.ipv4, payload: datagram }));
  }
}

function flood(): Script {
  const random = new Random(7);
  const script = busyLan(3);
  for (let at = 0; at < 3; at += 0.0005) {
    const source = `172.16.${random.integer(0, 250 - 1)}.${1 + random.integer(0, 250 - 1)}`;
    const segment = tcp({
      source,
      destination: '10.0.0.1',
      sourcePort: 1024 + random.integer(0, 60_000 - 1),
      destinationPort: 80,
      sequence: random.integer(0, 2 ** 31 - 1),
      flags: TCP_FLAG.syn,
    });
    const datagram = ipv4({
      source,
      destination: '10.0.0.1',
      id: 1,
      protocol: PROTOCOL.tcp,
      payload: segment,
    });
    script.at(
      at,
      ethernet({
        source: '00:00:0c:07:00:01',
        destination: '00:80:c7:44:55:66',
        type: ETHERTYPE.ipv4,
        payload: datagram,
      }),
    );
  }
  return script;
}

/** Records of a capture of microseconds in little-endian order, headers included. */
function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const records: Uint8Array[] = [];
  for (let at = 24; at < bytes.length; ) {
    const end = at + 16 + view.getUint32(at + 8, true);
    records.push(bytes.slice(at, end));
    at = end;
  }
  return records;
}

function capture(records: readonly Uint8Array[]): Uint8Array {
  return concat(encode(new Script()), ...records);
}

/** A record of the same moment with another frame. */
function withFrame(record: Uint8Array, frame: Uint8Array): Uint8Array {
  const other = concat(record.subarray(0, 16), frame);
  const view = new DataView(other.buffer);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, frame.length, true);
  return other;
}

function withCapturedLength(record: Uint8Array, captured: number): Uint8Array {
  const kept = Math.min(captured, record.length - 16);
  const cut = record.slice(0, 16 + kept);
  new DataView(cut.buffer).setUint32(8, kept, true);
  return cut;
}

/** A record with an 802.1Q tag. */
function tagged(record: Uint8Array, vlan: number): Uint8Array {
  const tag = new Uint8Array([0x81, 0, vlan >> 8, vlan & 0xff]);
  return withFrame(record, concat(record.subarray(16, 28), tag, record.subarray(28)));
}

/** A record as a network card hands it over that segments by itself: its total length is 0. */
function unsegmented(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy[32] = 0;
  copy[33] = 0;
  return copy;
}

/** A record of 16 bytes of header, microseconds. */
function recordAt(seconds: number, micros: number, frame: Uint8Array): Uint8Array {
  const record = concat(new Uint8Array(16), frame);
  const view = new DataView(record.buffer);
  view.setUint32(0, seconds, true);
  view.setUint32(4, micros, true);
  return withFrame(record, frame);
}

/** A segment between two hosts that say nothing else. */
function segmentWith(flags: number): Uint8Array {
  const ends = { source: '10.0.0.1', destination: '10.0.0.2' };
  const payload = tcp({ ...ends, sourcePort: 5000, destinationPort: 80, sequence: 1, flags });
  return ethernet({
    source: '00:a0:c9:00:00:01',
    destination: '00:a0:c9:00:00:02',
    type: ETHERTYPE.ipv4,
    payload: ipv4({ ...ends, id: 1, protocol: PROTOCOL.tcp, payload }),
  });
}

/** A host that gets another MAC address among its connections and datagrams, all of them watched from then on. */
function moved(seed: number): Script {
  const random = new Random(seed);
  const script = new Script();
  const peer = new Host({ mac: '00:a0:c9:00:00:fe', ip: '10.0.0.1' });
  const before = new Host({ mac: '00:a0:c9:00:00:0a', ip: '10.0.0.50' });
  const after = new Host({ mac: '00:60:08:00:00:0b', ip: '10.0.0.50' });
  script.at(0, before.announce()).at(0.1, before.arpRequest(peer.ip)).at(0.101, peer.arpReply(before));
  for (let turn = 0; turn < 1000; turn += 1) {
    const at = 1 + turn * 0.02 + random.integer(0, 9) / 1000;
    const host = at < 10.2 ? before : after;
    script.at(at, () => peer.udp(before, 7, 7000 + (turn % 9), new Uint8Array(20).fill(turn)));
    script.at(at + 0.001, () => host.udp(peer, 6000, 7001, new Uint8Array(30).fill(turn)));
    if (turn % 9 !== 0) continue;
    const isn = { clientIsn: turn * 1000, serverIsn: turn * 77 };
    const connection = new Connection(host, peer, { clientPort: 2000 + turn, serverPort: 80, ...isn });
    script.at(at + 0.002, connection.syn()).at(at + 0.003, connection.synAck());
    script.at(at + 0.004, connection.ack('client')).at(at + 0.005, connection.data('client', 30));
    script.at(at + 0.5, connection.fin('client'));
  }
  return script;
}

const DATAGRAM = ethernet({
  source: '00:a0:c9:77:77:77',
  destination: '00:80:c7:77:77:77',
  type: ETHERTYPE.ipv4,
  payload: ipv4({
    source: '10.77.7.7',
    destination: '10.77.7.8',
    id: 7,
    protocol: PROTOCOL.udp,
    payload: udp({
      source: '10.77.7.7',
      destination: '10.77.7.8',
      sourcePort: 5000,
      destinationPort: 5001,
      payload: new Uint8Array(10),
    }),
  }),
});

const samples = new URL('../../samples/', import.meta.url);
const pcaps = readdirSync(samples).filter((name) => name.endsWith('.pcap'));

describe('runs of ordinary packets', () => {
  it('take most of a busy capture', async () => {
    const taken = await expectEqualInRuns(encode(busyLan(1)));
    expect(taken).toBeGreaterThan(1000);
  });

  it('take the SYNs of a flood, whatever the rules', async () => {
    const bytes = encode(flood());
    expect(await expectEqualInRuns(bytes)).toBeGreaterThan(5000);
    expect(
      await expectEqualInRuns(
        bytes,
        rules.filter(({ meta }) => meta.article.id === 'Q151387'),
      ),
    ).toBeGreaterThan(5000);
  });

  it('leave alone what is watched', async () => {
    await expectEqualInRuns(encode(overuse().lan.script));
  });

  it.each(['sends', 'receives'])(
    'treat what a watched station %s, and copies of it, as single packets',
    async (direction) => {
      const { lan, client } = overuse();
      const { script, router, fileServer } = lan;
      const chatter = (at: number) =>
        script.at(at, () => router.udp(fileServer, 7000, 7001, new Uint8Array(20)));
      for (let count = 0; count < 60; count += 1) {
        const at = 62.3 + count;
        const [from, to] = direction === 'sends' ? [client.host, fileServer] : [fileServer, client.host];
        const datagram = from.udp(to, 5000, 6000, new Uint8Array(200).fill(count));
        chatter(at);
        script.at(at + 0.0001, datagram);
        chatter(at + 0.1);
        script.at(at + 0.1001, datagram);
      }
      expect(await expectEqualInRuns(encode(script))).toBeGreaterThan(100);
    },
  );

  it('leave alone what only looks like a watched station', async () => {
    const { lan, client } = overuse();
    const { script, router, fileServer } = lan;
    // Of its two last bytes the lower 14 bits are those of the client.
    const bytes = client.host.mac.split(':');
    bytes[4] = (Number.parseInt(bytes[4] as string, 16) ^ 0x40).toString(16).padStart(2, '0');
    const stranger = new Host({ mac: bytes.join(':'), ip: '10.0.0.177' });
    script.at(1, stranger.arpRequest(router.ip));
    for (let count = 0; count < 200; count += 1) {
      const at = 62.3 + count / 10;
      script.at(at, router.udp(fileServer, 7000, 7001, new Uint8Array(20)));
      script.at(at + 0.0001, stranger.udp(fileServer, 5000, 6000, new Uint8Array(20)));
    }
    expect(await expectEqualInRuns(encode(script))).toBeGreaterThan(100);
  });

  it.each(['pcap', 'pcapBig', 'pcapNano'] as const)('read records of %s alike', async (format) => {
    const encoding = ENCODINGS[format as keyof typeof ENCODINGS];
    expect(encoding).toBeDefined();
    expect(await expectEqualInRuns(encode(busyLan(2), encoding))).toBeGreaterThan(1000);
  });

  it.each(pcaps)('%s', async (name) => {
    await expectEqualInRuns(readFileSync(new URL(name, samples)));
  });

  it.each(pcaps)('%s between other packets of the same moment', async (name) => {
    const records = recordsOf(readFileSync(new URL(name, samples)));
    const between = records.flatMap((record) => [
      withFrame(record, DATAGRAM),
      withFrame(record, DATAGRAM),
      record,
    ]);
    await expectEqualInRuns(capture(between));
  });

  it('stop at a tagged frame, and what follows is of the network that it is of', async () => {
    const random = new Random(8);
    const records = recordsOf(encode(busyLan(8)));
    const mixed = records.map((record) => (random.chance(0.2) ? tagged(record, 7) : record));
    expect(await expectEqualInRuns(capture(mixed))).toBeGreaterThan(500);
  });

  it('tell the length of packets without one', async () => {
    const random = new Random(9);
    const records = recordsOf(encode(busyLan(9)));
    const mixed = records.map((record) => (random.chance(0.5) ? unsegmented(record) : record));
    expect(await expectEqualInRuns(capture(mixed))).toBeGreaterThan(500);
  });

  it.each([1, 2, 3])('show what is watched from a packet in their middle on (%d)', async (seed) => {
    expect(await expectEqualInRuns(encode(moved(seed)))).toBeGreaterThan(1000);
  });

  it.each([
    ['data', TCP_FLAG.ack],
    ['the end of a connection', TCP_FLAG.ack | TCP_FLAG.fin],
  ])('leave a record that is too long, with %s in it', async (_name, flags) => {
    const plain = [0, 1, 2, 3].map((at) => recordAt(1000, at, segmentWith(TCP_FLAG.ack)));
    const long = recordAt(1000, 10, concat(segmentWith(flags), new Uint8Array(300_000)));
    const end = recordAt(1000, 20, segmentWith(TCP_FLAG.ack | TCP_FLAG.fin));
    await expectEqualInRuns(capture([...plain, unsegmented(long)]));
    await expectEqualInRuns(capture([...plain, unsegmented(long), end, ...plain]));
  });

  it('see the step from a second that was carried over to one of the same word', async () => {
    const times = [
      [0xffff_ffff, 1_000_000],
      [0, 10],
      [0, 20],
    ] as const;
    const records = times.map(([seconds, micros]) => recordAt(seconds, micros, segmentWith(TCP_FLAG.ack)));
    await expectEqualInRuns(capture(records));
  });

  it('tell cut packets', async () => {
    const random = new Random(6);
    const records = recordsOf(encode(busyLan(6)));
    const cut = records.map((record) =>
      random.chance(0.5) ? record : withCapturedLength(record, random.integer(40, 60)),
    );
    expect(await expectEqualInRuns(capture(cut))).toBeGreaterThan(500);
  });

  it('end before any byte that makes a packet another one', async () => {
    const bytes = encode(busyLan(4));
    const at = fc.integer({ min: 24, max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(at, fc.integer({ min: 0, max: 255 })), { maxLength: 400 }),
        async (changes) => {
          const damaged = bytes.slice();
          for (const [offset, value] of changes) damaged[offset] = value;
          await expectEqualInRuns(damaged);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('end before a header that is another one', async () => {
    const bytes = encode(busyLan(5));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const records: number[] = [];
    for (let at = 24; at < bytes.length; at += 16 + view.getUint32(at + 8, true)) records.push(at);
    // Times stay near, so that most of what is changed lies inside a run.
    const change = fc.tuple(fc.nat(records.length - 1), fc.integer({ min: 4, max: 68 }), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 50, maxLength: 300 }), async (changes) => {
        const damaged = bytes.slice();
        for (const [record, offset, value] of changes) {
          if (offset >= 8 && offset < 16) continue;
          damaged[(records[record] as number) + offset] = value;
        }
        await expectEqualInRuns(damaged);
      }),
      { numRuns: 40 },
    );
  });
});
