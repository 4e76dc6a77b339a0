import { describe, expect, it } from 'vitest';
import { Connection, Host, Random, TCP_FLAG } from '../../samples/craft/index.ts';
import { LossSample } from '../../src/trackers/loss-sample.ts';
import { TupleFilter } from '../../src/trackers/tuple-filter.ts';
import { KIND_TCP_CONTROL, type Packet } from '../../src/wire/packet.ts';
import { newDomains, packetAt } from './packets.ts';

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });

/** As the engine does: control segments and others have their own entries. */
function feed(sample: LossSample, filter: TupleFilter, packet: Packet): void {
  if (packet.kind === KIND_TCP_CONTROL) sample.control(packet);
  else if (filter.has(packet)) {
    const { view, transport, end, ipEnd, ipSource, ipDestination, domain } = packet;
    sample.segment(view, transport, end, ipEnd, ipSource, ipDestination, domain);
  }
}

function sampleOf(frames: readonly Uint8Array[], limit = 256): LossSample {
  const domains = newDomains();
  const filter = new TupleFilter();
  const sample = new LossSample(limit, filter);
  for (const [at, frame] of frames.entries()) feed(sample, filter, packetAt(domains, frame, at / 1000));
  return sample;
}

/** A conversation as named frames, so that a test can leave some out or exchange them. */
function conversation(port = 1060, clientIsn = 1000, serverIsn = 5000): Record<string, Uint8Array> {
  const tcp = new Connection(A, B, { clientPort: port, serverPort: 80, clientIsn, serverIsn });
  const frames: Record<string, Uint8Array> = {};
  frames['syn'] = tcp.syn();
  frames['synAck'] = tcp.synAck();
  frames['ack'] = tcp.ack('client');
  frames['request'] = tcp.data('client', 100);
  frames['answer1'] = tcp.data('server', 1000);
  frames['answer2'] = tcp.data('server', 1000);
  frames['acked'] = tcp.ack('client');
  frames['more'] = tcp.data('client', 50);
  frames['ackedMore'] = tcp.ack('server');
  frames['fin'] = tcp.fin('client');
  frames['serverFin'] = tcp.fin('server');
  return frames;
}

const without = (...names: readonly string[]): Uint8Array[] =>
  Object.entries(conversation())
    .filter(([name]) => !names.includes(name))
    .map(([, frame]) => frame);

describe('the loss sample', () => {
  it('finds nothing in a whole conversation', () => {
    const sample = sampleOf(without());
    expect([sample.ackedUnseen, sample.oneSided]).toEqual([0, 0]);
  });

  it('finds nothing where the data comes after its acknowledgment', () => {
    const { syn, synAck, ack, request, answer1, answer2, acked, more, ackedMore, fin } = conversation();
    const frames = [syn, synAck, ack, request, answer1, acked, answer2, ackedMore, more, fin];
    expect(sampleOf(frames as Uint8Array[]).ackedUnseen).toBe(0);
  });

  it('does not take a keep-alive for data that was lost', () => {
    const { syn, synAck, ack, request, answer1, acked } = conversation();
    const alive = B.tcp(A, {
      sourcePort: 80,
      destinationPort: 1060,
      sequence: 5001 + 2000 - 1,
      acknowledgment: 1101,
      flags: TCP_FLAG.ack,
      payload: new Uint8Array(1),
    });
    const frames = [syn, synAck, ack, request, answer1, acked, alive];
    expect(sampleOf(frames as Uint8Array[]).ackedUnseen).toBe(1);
  });

  it('counts data that does not come, whatever comes after it', () => {
    const { syn, synAck, ack, request, answer1, acked, more, ackedMore } = conversation();
    const frames = [syn, synAck, ack, request, answer1, acked, more, ackedMore];
    expect(sampleOf(frames as Uint8Array[]).ackedUnseen).toBe(1);
  });

  it('counts an acknowledgement of data that was never seen, once', () => {
    expect(sampleOf(without('answer2')).ackedUnseen).toBe(1);
    expect(sampleOf(without('more')).ackedUnseen).toBe(1);
    expect(sampleOf(without('answer2', 'more')).ackedUnseen).toBe(2);
    // The second of two lost segments in a row is within the same acknowledgement.
    expect(sampleOf(without('answer1', 'answer2')).ackedUnseen).toBe(1);
    // A lost acknowledgement is no lost data.
    expect(sampleOf(without('ack', 'acked')).ackedUnseen).toBe(0);
  });

  it('is not misled by segments out of order, or sent twice', () => {
    const parts = conversation();
    const order = [
      'syn',
      'synAck',
      'ack',
      'request',
      'answer2',
      'answer1',
      'acked',
      'answer1',
      'answer2',
      'acked',
    ];
    const frames = order.map((name) => parts[name] as Uint8Array);
    expect(sampleOf(frames).ackedUnseen).toBe(0);
  });

  it('counts across the wrap of sequence numbers', () => {
    for (const isn of [0xffff_ff80, 0xffff_fffe, 0x7fff_ffc0]) {
      const frames = conversation(1060, isn, isn);
      expect(sampleOf(Object.values(frames)).ackedUnseen).toBe(0);
      expect(
        sampleOf(
          Object.entries(frames)
            .filter(([name]) => name !== 'answer2')
            .map(([, frame]) => frame),
        ).ackedUnseen,
      ).toBe(1);
    }
  });

  it('says nothing without the SYN, and of nonsense', () => {
    expect(sampleOf(without('syn', 'answer2')).ackedUnseen).toBe(0);
    const parts = conversation();
    const wild = A.tcp(B, {
      sourcePort: 1060,
      destinationPort: 80,
      sequence: 1001,
      acknowledgment: 0x70000000,
      flags: TCP_FLAG.ack,
    });
    expect(
      sampleOf([...['syn', 'synAck', 'ack'].map((name) => parts[name] as Uint8Array), wild]).ackedUnseen,
    ).toBe(0);
  });

  it('takes one direction for what it is', () => {
    const client = sampleOf(without('synAck', 'answer1', 'answer2', 'ackedMore', 'serverFin'));
    expect([client.ackedUnseen, client.oneSided]).toEqual([0, 1]);
    const stillOpen = sampleOf(without('synAck', 'answer1', 'answer2', 'ackedMore', 'serverFin', 'fin'));
    expect(stillOpen.oneSided).toBe(1);
    // A SYN without an answer is no connection.
    expect(sampleOf([conversation()['syn'] as Uint8Array]).oneSided).toBe(0);
  });

  it('knows nothing of the connection that had the place before', () => {
    const first = Object.values(conversation());
    const { syn, ack, request, more } = conversation(1060, 90_000, 60_000);
    const again = [syn, ack, request, more] as Uint8Array[];
    const sample = sampleOf([...first, ...again]);
    expect([sample.ackedUnseen, sample.oneSided]).toEqual([0, 1]);
  });

  it('thins itself out under many connections, and still sees loss', () => {
    const random = new Random(3);
    const limit = 16;
    const domains = newDomains();
    const filter = new TupleFilter();
    const sample = new LossSample(limit, filter);
    const all = Array.from({ length: 600 }, (_, at) =>
      Object.entries(
        conversation(
          2000 + at * 7 + random.integer(0, 6),
          random.integer(0, 0xffff_ffff),
          random.integer(0, 0xffff_ffff),
        ),
      ),
    );
    const steps = (all[0] as Array<[string, Uint8Array]>).length;
    // All at once: every connection has opened before the first goes on. No connection shows its second answer.
    for (let step = 0; step < steps; step += 1) {
      for (const frames of all) {
        const [name, frame] = frames[step] as [string, Uint8Array];
        if (name !== 'answer2') feed(sample, filter, packetAt(domains, frame, step));
      }
    }
    expect(sample.ackedUnseen).toBeGreaterThan(0);
    expect(sample.ackedUnseen).toBeLessThanOrEqual(limit);
    expect(sample.oneSided).toBe(0);
  });

  it('takes no more than its limit of a SYN flood, and none of it for one-sided', () => {
    const domains = newDomains();
    const filter = new TupleFilter();
    const sample = new LossSample(8, filter);
    for (let port = 1; port < 5000; port += 1) {
      feed(
        sample,
        filter,
        packetAt(
          domains,
          A.tcp(B, { sourcePort: port, destinationPort: 80, sequence: port, flags: TCP_FLAG.syn }),
          port,
        ),
      );
    }
    expect([sample.ackedUnseen, sample.oneSided]).toEqual([0, 0]);
  });
});
