import { describe, expect, it } from 'vitest';
import { Connection, Host } from '../../samples/craft/index.ts';
import { ConnectionTable, FIN_OF, OPEN_SEEN, STATE } from '../../src/trackers/connection-table.ts';
import type { Packet } from '../../src/wire/packet.ts';
import { newDomains, packetAt } from './packets.ts';

const CLIENT = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const SERVER = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });
const CLOSED = OPEN_SEEN | FIN_OF | (FIN_OF << 1);
/** What the table holds at most. */
const ROOM = 65_536;
const LIFE_SECONDS = 240;
const DAY_SECONDS = 86_400;

class Bench {
  readonly table = new ConnectionTable(LIFE_SECONDS, () => {});
  readonly #packet: Packet;

  constructor() {
    const fields = { clientPort: 1, serverPort: 80, clientIsn: 1, serverIsn: 1 };
    this.#packet = packetAt(newDomains(), new Connection(CLIENT, SERVER, fields).syn(), 0);
  }

  /** Connections of as many clients, each in this state. */
  add(from: number, count: number, time: number, state: number): this {
    for (let client = from; client < from + count; client += 1) {
      const at = this.table.add(this.#of(client, time), 1);
      this.table.words[at + STATE] = state;
    }
    return this;
  }

  kept(from: number, count: number): number {
    let kept = 0;
    for (let client = from; client < from + count; client += 1)
      if (this.table.find(this.#of(client, 0), 1) >= 0) kept += 1;
    return kept;
  }

  #of(client: number, time: number): Packet {
    this.#packet.ipSource = (0x0a00_0000 + client * 0x9e37) | 0;
    this.#packet.time = time;
    return this.#packet;
  }
}

describe('the table of connections', () => {
  it('keeps connections that are open while there is room, however long they are silent', () => {
    const bench = new Bench().add(0, 200, 0, OPEN_SEEN).add(1000, 5000, 5000, CLOSED);
    expect([bench.kept(0, 200), bench.kept(1000, 5000), bench.table.evictions]).toEqual([200, 5000, 0]);
  });

  it('displaces closed ones after TIME-WAIT without a count', () => {
    const bench = new Bench().add(0, 100, 0, CLOSED).add(1000, 10_000, 1000, CLOSED);
    expect(bench.kept(1000, 10_000)).toBe(10_000);
    expect(bench.kept(0, 100)).toBeLessThan(100);
    expect(bench.table.evictions).toBe(0);
  });

  it('counts what it displaces where it is full: open ones and those in TIME-WAIT', () => {
    const bench = new Bench().add(0, 1000, 0, OPEN_SEEN).add(1000, 3 * ROOM, 1000, CLOSED);
    const kept = bench.kept(0, 1000 + 3 * ROOM);
    expect(kept).toBeLessThanOrEqual(ROOM);
    expect(bench.table.evictions).toBe(1000 + 3 * ROOM - kept);
  });

  it('gives up open ones that have lost their close, and counts them', () => {
    const bench = new Bench().add(0, 200, 0, OPEN_SEEN).add(1000, 5000, DAY_SECONDS + 1, CLOSED);
    const lost = 200 - bench.kept(0, 200);
    expect(lost).toBeGreaterThan(0);
    expect(bench.table.evictions).toBe(lost);
  });
});
