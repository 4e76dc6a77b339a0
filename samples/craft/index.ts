/**
 * Crafts captures for scenarios, tests and the benchmark; never part of the product. The same code gives the same bytes.
 *
 *     const client = new Host({ mac, ip, ttl: 128, ipIdStyle: 'swapped' });
 *     const script = new Script();
 *     script.at(1.0, client.arpRequest('10.0.0.1'), { mark: 'ask' });
 *     addChatter(script, { untilSeconds: 60 });
 *     const bytes = encode(script, ENCODINGS.pcapngBigNano);
 */
export * from './bytes.ts';
export * from './chatter.ts';
export * from './cluster.ts';
export * from './cluster-lan.ts';
export * from './dhcp.ts';
export * from './encode.ts';
export * from './frames.ts';
export * from './gzip.ts';
export * from './heartbeat.ts';
export * from './hosts.ts';
export * from './l2tp.ts';
export * from './ppp.ts';
export * from './pppoe.ts';
export * from './pptp.ts';
export * from './radius.ts';
export * from './random.ts';
export type * from './scenario.ts';
export * from './script.ts';
export * from './tcp.ts';
export * from './variants.ts';
