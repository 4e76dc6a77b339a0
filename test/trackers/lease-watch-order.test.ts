/** Who makes room where too many stations are watched for their leases. */
import { describe, expect, it } from 'vitest';
import { LeaseWatchOrder, type Watched } from '../../src/trackers/lease-watch-order.ts';

function watched(order: LeaseWatchOrder, lastSigns: readonly number[]) {
  const gone: number[] = [];
  for (const lastSign of lastSigns) {
    const watch: Watched = {
      lastSign,
      giveUp() {
        gone.push(lastSign);
        order.remove(watch);
      },
    };
    order.add(watch);
  }
  return gone;
}

describe('a full order of watches', () => {
  it('gives up the most silent one of those watched for longest', () => {
    const order = new LeaseWatchOrder();
    const gone = watched(order, [50, 10, 30]);
    expect([order.makeRoom(200), order.makeRoom(200)]).toEqual([true, true]);
    expect(gone).toEqual([10, 30]);
  });

  it('gives up nobody who was heard lately', () => {
    const order = new LeaseWatchOrder();
    const gone = watched(order, [180, 190]);
    expect(order.makeRoom(200)).toBe(false);
    expect(gone).toEqual([]);
    expect(new LeaseWatchOrder().makeRoom(200)).toBe(false);
  });

  it('compares a few, however many there are', () => {
    const order = new LeaseWatchOrder();
    const gone = watched(order, [...Array.from({ length: 100 }, () => 100), 1]);
    expect(order.makeRoom(200)).toBe(true);
    expect(gone).toEqual([100]);
  });
});
