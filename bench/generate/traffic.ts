/**
 * A working day's traffic on one LAN: TCP connections from handshake to FIN or RST, DNS, ARP, ping and DHCP. A step
 * writes what belongs together within a round trip (a handshake, a train of segments and its ACK); steps of many
 * connections alternate.
 */
import { DHCP_ACK, DHCP_DISCOVER, DHCP_REQUEST, dhcpMessage, dnsMessage } from './application-messages.ts';
import type { CaptureWriter } from './capture-writer.ts';
import type { Segment } from './frames.ts';
import { ACK, FIN, FrameComposer, PSH, RST, SYN } from './frames.ts';
import type { Host } from './network.ts';
import { makeNetwork, takePort } from './network.ts';
import { PayloadPool } from './payload.ts';
import { Random } from './random.ts';

export interface TrafficProfile {
  /** Size of the capture at full scale. */
  readonly fullBytes: number;
  readonly durationSeconds: number;
  /** Connections open at one time. */
  readonly connections: number;
  /** Mean number of steps of a connection between handshake and end. */
  readonly meanSteps: number;
  /** Data bytes of a segment. */
  readonly dataBytes: (random: Random) => number;
  /** Most segments sent in one step. */
  readonly train: number;
  /** True if the receiver's next train carries the acknowledgment, so that no bare ACK is needed. */
  readonly isDuplex: boolean;
  /** One connection in so many goes without TCP timestamps; 0 for none. */
  readonly withoutTimestampsOdds: number;
  /** One step in so many is something other than TCP. */
  readonly otherOdds: number;
  /**
   * Sets watches: a busy server gets another network card half-way, and the leases of some clients expire while they go
   * on sending. All other packets stay the same.
   */
  readonly hasFaults: boolean;
}

/** Long enough that nothing expires in the capture, short enough that every client renews in it. */
const LEASE_SECONDS = 1800;
const SHORT_LEASE_SECONDS = 240;
const EXPIRING_CLIENTS = 16;
const SERVICE_PORTS = [5201, 7001, 7070, 8447, 9443, 10_080];

class Connection {
  client!: Host;
  server!: Host;
  readonly forward = makeSegment();
  readonly backward = makeSegment();
  steps = -1;
  /** The side that sent last, for duplex traffic. */
  isClientsTurn = true;
}

function makeSegment(): Segment {
  return {
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgment: 0,
    flags: 0,
    dataBytes: 0,
    hasTimestamps: false,
    timestampValue: 0,
    timestampEcho: 0,
  };
}

interface Appointment {
  readonly micros: number;
  readonly run: () => void;
}

export class Traffic {
  readonly network;
  readonly compose: FrameComposer;
  readonly #random: Random;
  readonly #profile: TrafficProfile;
  readonly #connections: Connection[];
  /** Sorted, the next one last. */
  readonly #appointments: Appointment[] = [];
  #spacingMicros = 1;

  constructor(writer: CaptureWriter, seed: number, profile: TrafficProfile) {
    this.#random = new Random(seed);
    this.#profile = profile;
    this.network = makeNetwork(this.#random);
    this.compose = new FrameComposer(writer, new PayloadPool(this.#random));
    this.#connections = Array.from({ length: profile.connections }, () => new Connection());
    for (const connection of this.#connections) this.#renew(connection);
    this.#planArp();
    this.#planDhcp();
    if (profile.hasFaults) this.#planNewCard();
    this.#appointments.sort((a, b) => b.micros - a.micros);
  }

  /** Lets the clock reach `micros`, then writes one step of somebody's traffic. `packetMicros` is the mean distance of packets. */
  step(micros: number, packetMicros: number): void {
    this.compose.micros = Math.max(this.compose.micros + 1, Math.floor(micros));
    this.#spacingMicros = Math.max(1, Math.floor(packetMicros / 4));
    for (
      let next = this.#appointments.at(-1);
      next && next.micros <= this.compose.micros;
      next = this.#appointments.at(-1)
    ) {
      this.#appointments.pop();
      next.run();
    }
    if (this.#random.onceIn(this.#profile.otherOdds)) this.#writeOther();
    else this.#stepConnection(this.#connections[this.#random.below(this.#connections.length)] as Connection);
  }

  #wait(): void {
    this.compose.micros += this.#random.between(1, 2 * this.#spacingMicros);
  }

  #pick(hosts: readonly Host[]): Host {
    return hosts[this.#random.below(hosts.length)] as Host;
  }

  #renew(connection: Connection): void {
    const random = this.#random;
    const { servers, remotes, clients } = this.network;
    connection.client = this.#pick(clients);
    // The first servers are the busy ones.
    connection.server = random.onceIn(2)
      ? this.#pick(remotes)
      : this.#pick(random.onceIn(2) ? servers.slice(0, 4) : servers);
    const { forward, backward } = connection;
    forward.sourcePort = backward.destinationPort = takePort(connection.client);
    forward.destinationPort = backward.sourcePort = SERVICE_PORTS[random.below(SERVICE_PORTS.length)] ?? 0;
    forward.sequence = random.bits() >>> 0;
    backward.sequence = random.bits() >>> 0;
    const odds = this.#profile.withoutTimestampsOdds;
    forward.hasTimestamps = backward.hasTimestamps = odds === 0 || !random.onceIn(odds);
    forward.timestampValue = random.bits() >>> 0;
    backward.timestampValue = random.bits() >>> 0;
    connection.steps = -1;
    connection.isClientsTurn = true;
  }

  #send(connection: Connection, isForward: boolean, flags: number, dataBytes: number): void {
    const segment = isForward ? connection.forward : connection.backward;
    const opposite = isForward ? connection.backward : connection.forward;
    segment.flags = flags;
    segment.dataBytes = dataBytes;
    segment.acknowledgment = (flags & ACK) === 0 ? 0 : opposite.sequence;
    segment.timestampValue += this.#random.below(3);
    segment.timestampEcho = (flags & ACK) === 0 ? 0 : opposite.timestampValue;
    const { client, server } = connection;
    if (isForward) this.compose.tcp(client, server, segment);
    else this.compose.tcp(server, client, segment);
    const consumed = dataBytes + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    segment.sequence = (segment.sequence + consumed) >>> 0;
    this.#wait();
  }

  #stepConnection(connection: Connection): void {
    const random = this.#random;
    if (connection.steps < 0) {
      this.#send(connection, true, SYN, 0);
      this.#send(connection, false, SYN | ACK, 0);
      this.#send(connection, true, ACK, 0);
      // Most connections are short, a few are long: a mean of means.
      const mean = random.onceIn(10) ? this.#profile.meanSteps * 6 : this.#profile.meanSteps / 2;
      connection.steps = random.between(1, Math.max(2, Math.floor(2 * mean)));
    } else if (connection.steps === 0) {
      const isForward = random.onceIn(2);
      if (random.onceIn(20)) {
        this.#send(connection, isForward, RST | ACK, 0);
      } else {
        this.#send(connection, isForward, FIN | ACK, 0);
        this.#send(connection, !isForward, FIN | ACK, 0);
        this.#send(connection, isForward, ACK, 0);
      }
      this.#renew(connection);
    } else {
      connection.steps -= 1;
      this.#sendTrain(connection);
    }
  }

  #sendTrain(connection: Connection): void {
    const random = this.#random;
    const { isDuplex, train, dataBytes } = this.#profile;
    const isForward = isDuplex ? connection.isClientsTurn : random.onceIn(3);
    connection.isClientsTurn = !isForward;
    for (let left = random.between(1, train); left > 0; left -= 1) {
      this.#send(connection, isForward, left === 1 ? ACK | PSH : ACK, dataBytes(random));
    }
    if (!isDuplex) this.#send(connection, !isForward, ACK, 0);
  }

  /** DNS mostly; then ARP, ping, and a query to a port where nobody listens. */
  #writeOther(): void {
    const random = this.#random;
    const { clients, nameServer, gateway, servers, remotes } = this.network;
    const client = this.#pick(clients);
    const kind = random.below(20);
    if (kind < 16) {
      this.#resolve(client, nameServer);
    } else if (kind < 18) {
      this.#resolveMac(client, random.onceIn(2) ? gateway : this.#pick(servers));
    } else if (kind === 18) {
      const target = this.#pick(random.onceIn(2) ? servers : remotes);
      const identifier = random.below(0x10000);
      this.compose.echo(client, target, 8, identifier, 1);
      this.#wait();
      this.compose.echo(target, client, 0, identifier, 1);
      this.#wait();
    } else {
      const query = dnsMessage(random.below(0x10000), random.below(1000), null);
      const target = this.#pick(servers);
      const port = takePort(client);
      this.compose.udp(client, target, port, 53, query);
      this.#wait();
      this.compose.portUnreachable(target, client, port, 53, query.length);
      this.#wait();
    }
  }

  #resolve(client: Host, nameServer: Host): void {
    const random = this.#random;
    const id = random.below(0x10000);
    const name = random.below(this.network.remotes.length);
    const port = takePort(client);
    this.compose.udp(client, nameServer, port, 53, dnsMessage(id, name, null));
    this.#wait();
    this.compose.udp(
      nameServer,
      client,
      53,
      port,
      dnsMessage(id, name, this.network.remotes[name]?.address ?? 0),
    );
    this.#wait();
  }

  #resolveMac(asker: Host, owner: Host): void {
    this.compose.arpRequest(asker, owner);
    this.#wait();
    this.compose.arpReply(owner, asker);
    this.#wait();
  }

  #at(seconds: number, run: () => void): void {
    this.#appointments.push({ micros: seconds * 1e6, run });
  }

  /** Every host of the LAN is heard in ARP soon. */
  #planArp(): void {
    const { clients, servers, gateway, nameServer, dhcpServer } = this.network;
    for (const [index, host] of [nameServer, dhcpServer, ...servers, ...clients].entries()) {
      this.#at(index * 0.05, () => this.#resolveMac(host, gateway));
    }
  }

  #planDhcp(): void {
    const { clients } = this.network;
    for (const [index, client] of clients.entries()) {
      const renewedAt = 20 + index * 0.5;
      const expires = this.#profile.hasFaults && index < EXPIRING_CLIENTS;
      const leaseSeconds = expires ? SHORT_LEASE_SECONDS : LEASE_SECONDS;
      // The transaction ids are a count, so that both kinds of capture draw the same random numbers.
      this.#at(renewedAt, () => this.#renewLease(client, leaseSeconds, 0x1000_0000 + index));
      if (expires) this.#planExpiry(client, renewedAt, 0x3000_0000 + 16 * index);
      else
        this.#at(renewedAt + leaseSeconds / 2, () =>
          this.#renewLease(client, leaseSeconds, 0x2000_0000 + index),
        );
    }
  }

  #dhcp(
    client: Host,
    type: typeof DHCP_DISCOVER | typeof DHCP_REQUEST,
    xid: number,
    isBroadcast: boolean,
  ): void {
    const { dhcpServer } = this.network;
    const ciaddr = type === DHCP_REQUEST ? client.address : 0;
    const message = dhcpMessage({ type, xid, client, server: dhcpServer, ciaddr, leaseSeconds: 0 });
    const from = type === DHCP_REQUEST ? client : { ...client, address: 0 };
    this.compose.udp(from, isBroadcast ? BROADCAST : dhcpServer, 68, 67, message);
    this.compose.micros += this.#spacingMicros;
  }

  #renewLease(client: Host, leaseSeconds: number, xid: number): void {
    const { dhcpServer } = this.network;
    this.#dhcp(client, DHCP_REQUEST, xid, false);
    const message = dhcpMessage({
      type: DHCP_ACK,
      xid,
      client,
      server: dhcpServer,
      ciaddr: client.address,
      leaseSeconds,
    });
    this.compose.udp(dhcpServer, client, 67, 68, message);
    this.compose.micros += this.#spacingMicros;
  }

  /** RFC 2131 4.4.5: REQUESTs from T1, broadcast from T2, DISCOVERs after the end; here nobody answers. */
  #planExpiry(client: Host, leasedAt: number, xid: number): void {
    this.#at(leasedAt + 0.5 * SHORT_LEASE_SECONDS, () => this.#dhcp(client, DHCP_REQUEST, xid, false));
    this.#at(leasedAt + 0.75 * SHORT_LEASE_SECONDS, () => this.#dhcp(client, DHCP_REQUEST, xid, false));
    this.#at(leasedAt + 0.875 * SHORT_LEASE_SECONDS, () => this.#dhcp(client, DHCP_REQUEST, xid + 1, true));
    for (const [index, delay] of [2, 6, 14, 30, 300].entries()) {
      this.#at(leasedAt + SHORT_LEASE_SECONDS + delay, () =>
        this.#dhcp(client, DHCP_DISCOVER, xid + 2 + index, true),
      );
    }
  }

  /** The busiest server comes back under another MAC address and announces it. */
  #planNewCard(): void {
    const server = this.network.servers[0] as Host;
    this.#at(this.#profile.durationSeconds / 2, () => {
      server.macHigh = 0x0026;
      server.macLow = (0x55 << 24) | 0x00_4242;
      this.compose.arpRequest(server, server);
      this.compose.micros += this.#spacingMicros;
    });
  }
}

const BROADCAST: Host = {
  address: 0xffff_ffff,
  macHigh: 0xffff,
  macLow: 0xffff_ffff,
  ttl: 128,
  isLocal: true,
  identification: 0,
  nextPort: 0,
};
