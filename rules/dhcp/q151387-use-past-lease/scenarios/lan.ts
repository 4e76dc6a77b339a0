/**
 * The network of this rule's scenarios: an NT DHCP server at .1, a second one at .2, a file server at .20, a router at .254
 * and clients of the first 32-bit stack for Windows for Workgroups (TTL 32, MSS-only SYN, no ARP probe before use).
 * Seconds are counted from the start of the capture; T1 = 0.5 L, T2 = 0.875 L where the server says nothing.
 */
import {
  DHCP_OPTION,
  DHCP_TYPE,
  Host,
  Script,
  addChatter,
  hardwareClientId,
  splitDhcpOption,
} from '../../../../samples/craft/index.ts';
import type {
  ChatterFields,
  DhcpClientFields,
  DhcpOption,
  DhcpServerFields,
  Ipv4,
  Mac,
  ScriptFields,
} from '../../../../samples/craft/index.ts';

export const LEASED: Ipv4 = '10.0.0.77';
export const LEASED_2: Ipv4 = '10.0.0.78';
export const SUBNET_BROADCAST: Ipv4 = '10.0.0.255';

export const MAC_A: Mac = '00:60:8c:2a:10:77';
export const MAC_B: Mac = '00:00:c0:5d:21:09';

export interface Client {
  readonly host: Host;
  /** Option 61; absent where null. */
  readonly clientId: Uint8Array | null;
  /** Option 61 as two instances (RFC 3396). */
  readonly splitsClientId?: boolean;
  readonly hostName: string;
  /** Asks for broadcast replies. */
  readonly wantsBroadcast?: boolean;
  readonly parameters?: readonly number[];
}

export interface LeaseFields {
  readonly address?: Ipv4;
  readonly leaseSeconds?: number;
  readonly server?: Host;
  /** Put before the marks: `second` gives `second-ack`. */
  readonly tag?: string;
  /** The server sends 51 and 54 in the sname field, with option 52 = 2. */
  readonly overloads?: boolean;
  readonly clientOptions?: readonly DhcpOption[];
  readonly serverOptions?: readonly DhcpOption[];
}

export interface UseFields {
  readonly address?: Ipv4;
  readonly mark?: string;
  readonly arp?: boolean;
  readonly ping?: boolean;
  /** The file server's answers are in the capture. */
  readonly answered?: boolean;
}

function tagged(tag: string | undefined, mark: string): string {
  return tag === undefined ? mark : `${tag}-${mark}`;
}

export class Lan {
  readonly script: Script;
  readonly server = new Host({ mac: '00:a0:c9:51:38:01', ip: '10.0.0.1', ttl: 128, ipIdStyle: 'swapped' });
  readonly secondServer = new Host({
    mac: '00:a0:c9:51:38:02',
    ip: '10.0.0.2',
    ttl: 128,
    ipIdStyle: 'swapped',
    firstIpId: 0x3100,
  });
  readonly fileServer = new Host({
    mac: '00:a0:24:0b:77:20',
    ip: '10.0.0.20',
    ttl: 128,
    ipIdStyle: 'swapped',
    firstIpId: 0x5200,
  });
  readonly router = new Host({ mac: '00:e0:1e:60:42:fe', ip: '10.0.0.254', firstIpId: 0x7700 });
  #xid = 0x15138700;
  #sequence = 0;

  constructor(fields: ScriptFields = {}) {
    this.script = new Script(fields);
  }

  client(fields: Partial<Client> & { readonly mac?: Mac; readonly ttl?: number } = {}): Client {
    const mac = fields.mac ?? MAC_A;
    return {
      clientId: hardwareClientId(mac),
      hostName: 'WFW-PC1',
      parameters: [1, 3, 6, 15, 44, 46, 51],
      ...fields,
      host: new Host({ mac, ip: '0.0.0.0', ttl: fields.ttl ?? 32, ipIdStyle: 'swapped', firstIpId: 0x0400 }),
    };
  }

  /** A client of its own MAC, for crowds: number 1 to 200. */
  crowd(number: number): Client {
    const low = number.toString(16).padStart(2, '0');
    return this.client({ mac: `00:20:af:77:30:${low}`, hostName: `WFW-C${number}` });
  }

  nextXid(): number {
    this.#xid += 1;
    return this.#xid;
  }

  /** One message of a client. Carries option 61 and the host name unless the fields say otherwise. */
  say(
    at: number,
    client: Client,
    type: number,
    fields: Omit<DhcpClientFields, 'clientId'>,
    mark: string,
  ): void {
    const { clientId, splitsClientId } = client;
    const asks = type !== DHCP_TYPE.decline && type !== DHCP_TYPE.release;
    const id: DhcpOption[] = clientId === null ? [] : [DHCP_OPTION.clientIdentifier(clientId)];
    const identity = splitsClientId && id[0] ? splitDhcpOption(id[0], 3) : id;
    this.script.at(
      at,
      () =>
        client.host.dhcpClient(type, {
          // DECLINE and RELEASE carry neither (RFC 2131, table 5).
          ...(asks ? { hostName: client.hostName } : {}),
          ...(asks && client.parameters ? { parameters: client.parameters } : {}),
          broadcastFlag: client.wantsBroadcast ?? false,
          ...fields,
          options: [...identity, ...(fields.options ?? [])],
        }),
      { mark },
    );
  }

  /** One message of a server to a client, unicast on layer 2 unless the client asks for broadcasts. */
  answer(
    at: number,
    server: Host,
    client: Client,
    type: number,
    fields: Partial<DhcpServerFields> & { readonly xid: number },
    mark: string,
  ): void {
    this.script.at(
      at,
      () =>
        server.dhcpServer(type, {
          chaddr: client.host.mac,
          subnetMask: '255.255.255.0',
          to: client.wantsBroadcast ? 'broadcast' : 'unicast',
          ...fields,
        }),
      { mark },
    );
  }

  /** DISCOVER, OFFER, REQUEST, ACK at 0, 3, 6 and 10 ms; the lease starts with the REQUEST. */
  dora(client: Client, at: number, fields: LeaseFields = {}): void {
    const { address = LEASED, leaseSeconds = 120, server = this.server, tag } = fields;
    const xid = this.nextXid();
    client.host.ip = address;
    const asked = { xid, options: fields.clientOptions ?? [] };
    const given: Partial<DhcpServerFields> & { readonly xid: number } = fields.overloads
      ? {
          xid,
          yiaddr: address,
          serverIdentifier: null,
          overload: { sname: [DHCP_OPTION.leaseTime(leaseSeconds), DHCP_OPTION.serverIdentifier(server.ip)] },
        }
      : { xid, yiaddr: address, leaseSeconds, options: fields.serverOptions ?? [] };
    this.say(at, client, DHCP_TYPE.discover, asked, tagged(tag, 'first-discover'));
    this.answer(at + 0.003, server, client, DHCP_TYPE.offer, given, tagged(tag, 'offer'));
    this.say(
      at + 0.006,
      client,
      DHCP_TYPE.request,
      { ...asked, requestedAddress: address, serverIdentifier: server.ip },
      tagged(tag, 'request'),
    );
    this.answer(at + 0.01, server, client, DHCP_TYPE.ack, given, tagged(tag, 'ack'));
  }

  /** RENEWING: REQUEST with ciaddr, unicast to the server. */
  renew(
    client: Client,
    at: number,
    fields: { readonly address?: Ipv4; readonly rfc1541?: boolean } = {},
  ): number {
    const address = fields.address ?? LEASED;
    const xid = this.nextXid();
    const old = fields.rfc1541 ? { requestedAddress: address, serverIdentifier: this.server.ip } : {};
    this.say(at, client, DHCP_TYPE.request, { xid, ciaddr: address, to: this.server, ...old }, 'attempt');
    return xid;
  }

  /** REBINDING: REQUEST with ciaddr, broadcast. */
  rebind(
    client: Client,
    at: number,
    fields: { readonly address?: Ipv4; readonly rfc1541?: boolean; readonly mark?: string } = {},
  ): number {
    const address = fields.address ?? LEASED;
    const xid = this.nextXid();
    const old = fields.rfc1541 ? { requestedAddress: address, serverIdentifier: this.server.ip } : {};
    this.say(at, client, DHCP_TYPE.request, { xid, ciaddr: address, ...old }, fields.mark ?? 'attempt');
    return xid;
  }

  discover(client: Client, at: number, mark = 'discover'): number {
    const xid = this.nextXid();
    this.say(at, client, DHCP_TYPE.discover, { xid }, mark);
    return xid;
  }

  /** A renewal and its ACK 8 ms later; the lease then runs from the REQUEST. */
  renewed(client: Client, at: number, fields: LeaseFields & { readonly broadcast?: boolean } = {}): void {
    const { address = LEASED, leaseSeconds = 120, server = this.server, tag } = fields;
    const xid = this.nextXid();
    const to = fields.broadcast ? {} : { to: server };
    const mark = tagged(tag, 'renewal');
    this.say(at, client, DHCP_TYPE.request, { xid, ciaddr: address, ...to }, mark);
    const given = { xid, ciaddr: address, yiaddr: address, leaseSeconds };
    this.answer(at + 0.008, server, client, DHCP_TYPE.ack, given, `${mark}-ack`);
  }

  /** ARP for the file server and a ping, both answered: two frames of the client. */
  use(client: Client, at: number, fields: UseFields = {}): void {
    const address = fields.address ?? LEASED;
    const mark = fields.mark ?? 'use';
    const station = { mac: client.host.mac, ip: address };
    const from = { sourceIp: address };
    this.#sequence += 1;
    const sequence = this.#sequence;
    const answered = fields.answered ?? true;
    if (fields.arp ?? true) {
      this.script.at(at, () => client.host.arpRequest(this.fileServer.ip, from), { mark });
      if (answered) this.script.at(at + 0.0004, () => this.fileServer.arpReply(station));
    }
    if (fields.ping ?? true) {
      const pingAt = (fields.arp ?? true) ? at + 0.001 : at;
      this.script.at(pingAt, () => client.host.ping(this.fileServer, sequence, from), { mark });
      if (answered) this.script.at(pingAt + 0.0007, () => this.fileServer.pong(station, sequence));
    }
  }

  /** A NetBIOS name broadcast from the address. */
  nameQuery(
    client: Client,
    at: number,
    fields: { readonly address?: Ipv4; readonly mark?: string } = {},
  ): void {
    this.#sequence += 1;
    const transaction = 0x8000 + this.#sequence;
    const from = { sourceIp: fields.address ?? LEASED };
    this.script.at(
      at,
      () => client.host.nameQuery('FILESRV', transaction, SUBNET_BROADCAST, from),
      fields.mark === undefined ? {} : { mark: fields.mark },
    );
  }

  /** Pings with their answers from `from` to `to`, one every `everySeconds`, with an ARP exchange first. */
  life(
    client: Client,
    from: number,
    to: number,
    fields: { readonly address?: Ipv4; readonly everySeconds?: number; readonly mark?: string } = {},
  ): void {
    const { everySeconds = 11, mark = 'in-lease' } = fields;
    const address = fields.address ?? LEASED;
    let first = true;
    for (let at = from; at <= to + 1e-9; at += everySeconds) {
      this.use(client, at, { address, arp: first, mark });
      first = false;
    }
  }

  chatter(untilSeconds: number, fields: Partial<ChatterFields> = {}): Script {
    return addChatter(this.script, { untilSeconds, ...fields });
  }
}
